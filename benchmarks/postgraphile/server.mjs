// PostGraphile over the tables of the read model: node server.mjs PORT. PEER_DATABASE says where the tables are.
// What its pages on production ask for: NODE_ENV and GRAPHILE_ENV are `production`, no GraphiQL, no watching; prepared
// statements are on as they come. It shows the four tables that the operations read, as plain lists, which cost it less.
import { createServer } from "node:http";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { jsonPgSmartTags } from "postgraphile/utils";

const shown = (tags) => ({ tags: { behavior: "+list -connection", ...tags } });

const preset = {
  extends: [PostGraphileAmberPreset],
  plugins: [
    jsonPgSmartTags({
      version: 1,
      config: {
        class: {
          "read_model.shown_order": shown({
            unique: "order_id,lines_version",
            foreignKey: "(customer_id) references read_model.customer (customer_id)|@fieldName customer|@foreignSimpleFieldName orders|@behavior +list -connection",
          }),
          "read_model.order_line": shown({
            foreignKey: [
              "(order_id, lines_version) references read_model.shown_order (order_id, lines_version)|@fieldName order|@foreignSimpleFieldName lines|@behavior +list -connection",
              "(sku) references read_model.product (sku)|@fieldName product|@foreignSimpleFieldName lines|@behavior +list -connection",
            ],
          }),
          "read_model.customer": shown({}),
          "read_model.product": shown({}),
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
      schemas: ["read_model"],
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
