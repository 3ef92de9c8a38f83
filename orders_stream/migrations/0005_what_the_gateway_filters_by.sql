-- Orders by their total, by a SKU they contain and by a country they go to; customers, the newest first.

CREATE INDEX shown_order_by_total ON shown_order (total DESC, order_id DESC) WHERE NOT deleted;

CREATE INDEX shown_order_by_country ON shown_order
    USING gin (jsonb_path_query_array(delivery_addresses, '$[*].country') jsonb_path_ops) WHERE NOT deleted;

CREATE INDEX order_line_by_sku ON order_line (sku, order_id, lines_version);

CREATE INDEX customer_newest ON customer (created_at DESC, customer_id DESC) WHERE NOT deleted;
