// PostGraphile over the tables in peer.sql: node server.mjs PORT. PEER_DATABASE says where they are.
// What its pages on production ask for: NODE_ENV and GRAPHILE_ENV are `production`, no GraphiQL, no watching; prepared
// statements are on as they come. It shows the four tables that the operations read, as plain lists, which cost it less.
import { createServer } from "node:http";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { jsonPgSmartTags } from "postgraphile/utils";

const shown = { tags: { behavior: "+list -connection" } };

const related = (one, many) => ({ tags: { fieldName: one, foreignSimpleFieldName: many, behavior: "+list -connection" } });

const preset = {
  extends: [PostGraphileAmberPreset],
  plugins: [
    jsonPgSmartTags({
      version: 1,
      config: {
        class: {
          "peer.sales_order": shown,
          "peer.order_line": shown,
          "peer.customer": shown,
          "peer.product": shown,
        },
        constraint: {
          "peer.sales_order.sales_order_customer_id_fkey": related("customer", "orders"),
          "peer.order_line.order_line_order_id_fkey": related("order", "lines"),
          "peer.order_line.order_line_sku_fkey": related("product", "lines"),
        },
      },
    }),
  ],
  // Which would leave out an order by a column that is not the first of an index.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  schema: { defaultBehavior: "-insert -update -delete" },
  pgServices: [
    makePgService({
      connectionString: process.env.PEER_DATABASE,
      schemas: ["peer"],
      poolConfig: { max: Number(process.env.OMS_POSTGRES_POOL_SIZE ?? "10") },
    }),
  ],
  grafserv: { graphiql: false, watch: false },
  grafast: { explain: false },
};

const instance = postgraphile(preset);
const served = instance.createServ(grafserv);
const server = createServer();
await served.addTo(server);
server.listen(Number(process.argv[2]), "127.0.0.1");
