// Uses the GraphQL server at an address with the clients that programs use. Arguments: the address, and the cursor after
// which the stream has two changes. Prints what each client gets, as JSON.
const [, , url, after] = process.argv;

const clients = { urql: require("./urql.cjs"), apollo: require("./apollo.cjs"), ws: require("./ws.cjs"), sse: require("./sse.cjs") };

const QUERIES = {
  query: "query Product($sku: String!) { product(sku: $sku) { sku name __typename } }",
  invalid: "query Invalid { nothing }",
  partial: "query Partial { long: orders(first: 101) { nodes { id } } orders(first: 1) { nodes { id } } }",
  changes: "subscription Changes($after: String) { ordersChanged(after: $after) { version orderId } }",
};

async function main() {
  const found = {};
  for (const [name, client] of Object.entries(clients)) {
    for (const [scenario, run] of Object.entries(client({ url, after, ...QUERIES }))) {
      found[`${name} ${scenario}`] = await run().catch((error) => ({ failed: `${error.stack ?? JSON.stringify(error)}` }));
    }
  }
  console.log(JSON.stringify(found));
  process.exit(0);
}

main();
