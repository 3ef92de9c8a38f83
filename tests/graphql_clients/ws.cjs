// graphql-ws: queries and subscriptions over one WebSocket.
const { createClient } = require("graphql-ws");

module.exports = ({ url, after, query, invalid, partial, changes }) => {
  const client = createClient({ url: url.replace("http", "ws"), retryAttempts: 0 });
  const codes = (errors) => (errors ?? []).map((each) => each.extensions.code);

  const all = async (request, most = 10) => {
    const found = [];
    try {
      for await (const each of client.iterate(request)) {
        found.push(each);
        if (found.length === most) break;
      }
    } catch (errors) {
      return { error: Array.isArray(errors) ? codes(errors) : `${errors}` };
    }
    return found;
  };

  return {
    query: async () => (await all({ query, variables: { sku: "CHAI" } })).map((each) => each.data),
    invalid: () => all({ query: invalid }),
    partial: async () => (await all({ query: partial })).map((each) => ({ data: each.data, codes: codes(each.errors) })),
    subscription: async () => (await all({ query: changes, variables: { after } }, 2)).map((each) => each.data.ordersChanged.version),
    "subscription refused": () => all({ query: changes, variables: { after: "x" } }),
    "invalid variable": () => all({ query, variables: { sku: 5 } }),
  };
};
