// graphql-sse: queries and subscriptions over server-sent events, each on its own connection.
const { createClient } = require("graphql-sse");

module.exports = ({ url, after, query, invalid, partial, changes }) => {
  const client = createClient({ url, retryAttempts: 0 });
  const codes = (errors) => (errors ?? []).map((each) => each.extensions.code);

  const all = async (request, most = 10) => {
    const found = [];
    for await (const each of client.iterate(request)) {
      found.push(each);
      if (found.length === most) break;
    }
    return found;
  };
  const answers = async (request) => (await all(request)).map((each) => ({ data: each.data ?? null, codes: codes(each.errors) }));

  return {
    query: () => answers({ query, variables: { sku: "CHAI" } }),
    invalid: () => answers({ query: invalid }),
    partial: () => answers({ query: partial }),
    subscription: async () => (await all({ query: changes, variables: { after } }, 2)).map((each) => each.data.ordersChanged.version),
    "subscription refused": () => answers({ query: changes, variables: { after: "x" } }),
    "invalid variable": () => answers({ query, variables: { sku: 5 } }),
  };
};
