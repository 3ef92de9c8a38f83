// Apollo Client: POST, GET, automatic persisted queries, and subscriptions over WebSocket.
const { createHash } = require("node:crypto");
const { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } = require("@apollo/client");
const { CombinedGraphQLErrors } = require("@apollo/client/errors");
const { PersistedQueryLink } = require("@apollo/client/link/persisted-queries");
const { GraphQLWsLink } = require("@apollo/client/link/subscriptions");
const { createClient } = require("graphql-ws");

module.exports = ({ url, after, query, invalid, partial, changes }) => {
  const client = (link) => new ApolloClient({ link, cache: new InMemoryCache(), devtools: { enabled: false } });
  const codes = (error) => (CombinedGraphQLErrors.is(error) ? error.errors.map((each) => each.extensions.code) : [`${error}`]);

  const answer = async (link, text, variables) => {
    const asked = { query: gql(text), variables, errorPolicy: "all", fetchPolicy: "no-cache" };
    const { data, error } = await client(link).query(asked);
    return { data: data ?? null, codes: error ? codes(error) : [] };
  };

  // A query that no one has sent before, first with its text and then by its hash alone.
  const persisted = async (options) => {
    const sent = [];
    const counting = (uri, init) => (sent.push(`${init.method} ${init.body ?? uri}`.includes("mutation") ? "" : hasText(uri, init)), fetch(uri, init));
    const hasText = (uri, init) => /[?&]query=|"query":/.test(`${uri} ${init.body ?? ""}`);
    const sha256 = (text) => createHash("sha256").update(text).digest("hex");
    const text = query.replace("Product", `Product${process.pid}${options.useGETForQueriesToo ? "Get" : "Post"}`);
    const link = () =>
      ApolloLink.from([
        new PersistedQueryLink({ sha256, useGETForHashedQueries: options.useGETForQueriesToo }),
        new HttpLink({ uri: url, fetch: counting }),
      ]);
    const answers = [await answer(link(), text, { sku: "CHAI" }), await answer(link(), text, { sku: "CHAI" })];
    return { answers, sentWithText: sent };
  };

  return {
    post: () => answer(new HttpLink({ uri: url }), query, { sku: "CHAI" }),
    get: () => answer(new HttpLink({ uri: url, useGETForQueries: true }), query, { sku: "CHAI" }),
    invalid: () => answer(new HttpLink({ uri: url }), invalid),
    partial: () => answer(new HttpLink({ uri: url }), partial),
    "persisted by POST": () => persisted({ useGETForQueriesToo: false }),
    "persisted by GET": () => persisted({ useGETForQueriesToo: true }),
    "subscription over WebSocket": () =>
      new Promise((resolve, reject) => {
        const socket = createClient({ url: url.replace("http", "ws") });
        const found = [];
        client(new GraphQLWsLink(socket))
          .subscribe({ query: gql(changes), variables: { after } })
          .subscribe({
            next: ({ data, error }) => {
              if (error) return reject(error);
              found.push(data.ordersChanged.version);
              if (found.length === 2) (socket.dispose(), resolve(found));
            },
            error: reject,
          });
      }),
    "subscription refused by HTTP": () =>
      new Promise((resolve, reject) => {
        client(new HttpLink({ uri: url }))
          .subscribe({ query: gql(changes), variables: { after } })
          .subscribe({ next: ({ error }) => resolve(error ? codes(error) : "an event"), error: reject });
      }),
  };
};
