-- The join of orders_stream in Flink SQL: an order with its lines once it is complete, upserted into `sales_order`.
-- The names after a dollar are set by benchmarks/stream/flink.py. JDBC sends texts untyped, and Postgres converts them to the columns' types.

SET 'parallelism.default' = '${parallelism}';
SET 'state.backend.type' = 'hashmap';
SET 'execution.checkpointing.interval' = '5 s';
SET 'execution.checkpointing.dir' = 'file://${checkpoints}';
SET 'pipeline.object-reuse' = 'true';
SET 'table.exec.mini-batch.enabled' = 'true';
SET 'table.exec.mini-batch.allow-latency' = '500 ms';
SET 'table.exec.mini-batch.size' = '5000';
SET 'table.exec.sink.upsert-materialize' = 'NONE';

CREATE TABLE orders (
    order_id STRING, number BIGINT, external_id STRING, source STRING, customer_id STRING, status STRING,
    currency STRING, subtotal STRING, freight STRING, lines_version BIGINT, line_count INT, placed_at STRING,
    required_at STRING, confirmed_at STRING, shipped_at STRING, delivered_at STRING, cancelled_at STRING,
    cancellation_reason STRING, rejected_at STRING, rejection_reason STRING, erased_at STRING, created_at STRING,
    updated_at STRING, delivery_addresses STRING, version BIGINT, PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka', 'topic' = 'order', 'properties.bootstrap.servers' = '${kafka}',
    'properties.group.id' = '${group}', 'key.format' = 'json', 'value.format' = 'json'
);

CREATE TABLE order_detail (
    order_detail_id STRING, order_id STRING, lines_version BIGINT, line_number INT, sku STRING, product_name STRING,
    quantity INT, unit_price STRING, discount STRING, amount STRING, delivery_address_id STRING, version BIGINT
) WITH (
    'connector' = 'kafka', 'topic' = 'order_detail', 'properties.bootstrap.servers' = '${kafka}',
    'properties.group.id' = '${group}', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'
);

CREATE TABLE sales_order (
    order_id STRING, number BIGINT, external_id STRING, source STRING, customer_id STRING, status STRING,
    currency STRING, subtotal STRING, freight STRING, lines_version BIGINT, line_count INT, placed_at STRING,
    required_at STRING, confirmed_at STRING, shipped_at STRING, delivered_at STRING, cancelled_at STRING,
    cancellation_reason STRING, rejected_at STRING, rejection_reason STRING, erased_at STRING, created_at STRING,
    updated_at STRING, delivery_addresses STRING, lines STRING, skus STRING, countries STRING, version BIGINT,
    deleted BOOLEAN, PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
    'connector' = 'jdbc', 'url' = '${url}', 'username' = '${user}', 'password' = '${password}',
    'table-name' = 'sales_order', 'sink.buffer-flush.max-rows' = '2000', 'sink.buffer-flush.interval' = '500 ms'
);

INSERT INTO sales_order
SELECT
    o.order_id, o.number, o.external_id, o.source, o.customer_id, o.status, o.currency, o.subtotal, o.freight,
    o.lines_version, o.line_count, o.placed_at, o.required_at, o.confirmed_at, o.shipped_at, o.delivered_at,
    o.cancelled_at, o.cancellation_reason, o.rejected_at, o.rejection_reason, o.erased_at, o.created_at, o.updated_at,
    o.delivery_addresses, '{' || d.lines || '}', TEXT_ARRAY(d.skus), COUNTRIES(o.delivery_addresses), o.version, FALSE
FROM orders AS o
JOIN (
    SELECT
        order_id, lines_version, COUNT(*) AS arrived, LISTAGG(sku, U&'\000A') AS skus,
        LISTAGG(ORDER_LINE(order_detail_id, line_number, sku, product_name, quantity, unit_price, discount, amount,
            delivery_address_id, version)) AS lines
    FROM order_detail
    GROUP BY order_id, lines_version
) AS d ON d.order_id = o.order_id AND d.lines_version = o.lines_version AND d.arrived = o.line_count;
