// Runs the audit suite of graphql-http against the GraphQL server at the address that is given; prints what it found, as JSON.
const { auditServer } = require("graphql-http");

auditServer({ url: process.argv[2] }).then((found) =>
  console.log(JSON.stringify(found.map(({ id, name, status, reason }) => ({ id, name, status, reason })))),
);
