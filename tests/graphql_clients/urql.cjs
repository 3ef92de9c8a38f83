// urql: POST, GET, and subscriptions by fetch (server-sent events) and over WebSocket.
const { Client, fetchExchange, subscriptionExchange, gql } = require("@urql/core");
const { createClient } = require("graphql-ws");

module.exports = ({ url, after, query, invalid, partial, changes }) => {
  const client = (options = {}) => new Client({ url, exchanges: [fetchExchange], preferGetMethod: false, ...options });
  const answer = ({ data, error }) => ({ data: data ?? null, codes: codes(error) });
  const codes = (error) => (error ? error.graphQLErrors.map((each) => each.extensions.code) : []);

  const firstTwo = (of) =>
    new Promise((resolve, reject) => {
      const found = [];
      const { unsubscribe } = of.subscription(gql(changes), { after }).subscribe(({ data, error }) => {
        if (error) return reject(error);
        found.push(data.ordersChanged.version);
        if (found.length === 2) setTimeout(() => (unsubscribe(), resolve(found)));
      });
    });

  return {
    post: async () => answer(await client().query(gql(query), { sku: "CHAI" })),
    get: async () => answer(await client({ preferGetMethod: "force" }).query(gql(query), { sku: "CHAI" })),
    invalid: async () => answer(await client().query(gql(invalid), {})),
    partial: async () => answer(await client().query(gql(partial), {})),
    "subscription by fetch": () => firstTwo(client({ fetchSubscriptions: true })),
    "subscription refused by fetch": () =>
      new Promise((resolve) => {
        const of = client({ fetchSubscriptions: true });
        of.subscription(gql(changes), { after: "x" }).subscribe(({ error }) => error && resolve(codes(error)));
      }),
    "subscription over WebSocket": async () => {
      const socket = createClient({ url: url.replace("http", "ws") });
      const forwardSubscription = (request) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query || "" }, sink) }),
      });
      const found = await firstTwo(client({ exchanges: [subscriptionExchange({ forwardSubscription })] }));
      await socket.dispose();
      return found;
    },
  };
};
