-- An order is one row: its columns, its delivery addresses, and the lines of its `lines_version`. So it is written and read
-- by one statement, and nobody can see half of it.
--
-- Rows of the former tables are not converted: a million orders would take minutes, in which nothing is written.
-- `oms rebuild read-model` fills new tables beside the live ones from the topics, compares, and swaps them.

DO $$ BEGIN
    IF EXISTS (SELECT FROM shown_order) OR EXISTS (SELECT FROM heard_order) OR EXISTS (SELECT FROM order_line) THEN
        RAISE EXCEPTION 'the read model has the layout of an earlier release'
            USING HINT = 'run `oms rebuild read-model`: it builds the new layout beside this one and swaps them';
    END IF;
END $$;

DROP TABLE heard_order, shown_order, order_line, unpublished_order;

-- It stays where somebody has dropped all tables, so that they are created again.
DROP TYPE IF EXISTS sales_order_line;

-- `version` is 2 for a line that was deleted by hand. It stays, so that an older record cannot bring it back.
CREATE TYPE sales_order_line AS (
    order_line_id uuid,
    line_number integer,
    sku text,
    product_name text,
    quantity integer,
    unit_price numeric(19, 4),
    discount numeric(5, 4),
    amount numeric(19, 4),
    delivery_address_id uuid,
    version bigint,
    deleted boolean
);

-- `lines` are sorted by number. `skus` and `countries` are those of the lines that are not deleted, and of the delivery
-- addresses. A deleted order has none of the three.
CREATE TABLE sales_order (
    order_id uuid PRIMARY KEY,
    number bigint,
    external_id text,
    source text NOT NULL,
    customer_id uuid NOT NULL,
    status text NOT NULL,
    currency text NOT NULL,
    subtotal numeric(19, 4) NOT NULL,
    freight numeric(19, 4) NOT NULL,
    total numeric(20, 4) NOT NULL GENERATED ALWAYS AS (subtotal + freight) STORED,
    lines_version bigint NOT NULL,
    line_count integer NOT NULL,
    placed_at timestamptz NOT NULL,
    required_at timestamptz,
    confirmed_at timestamptz,
    shipped_at timestamptz,
    delivered_at timestamptz,
    cancelled_at timestamptz,
    cancellation_reason text,
    rejected_at timestamptz,
    rejection_reason text,
    erased_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    delivery_addresses jsonb NOT NULL,
    lines sales_order_line[] NOT NULL,
    skus text[] NOT NULL,
    countries text[] NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL
);
CREATE INDEX sales_order_newest ON sales_order (placed_at DESC, order_id DESC) WHERE NOT deleted;
CREATE INDEX sales_order_by_customer ON sales_order (customer_id, placed_at DESC, order_id DESC) WHERE NOT deleted;
CREATE INDEX sales_order_by_status ON sales_order (status, placed_at DESC, order_id DESC) WHERE NOT deleted;
CREATE INDEX sales_order_by_currency ON sales_order (currency, placed_at DESC, order_id DESC) WHERE NOT deleted;
CREATE INDEX sales_order_by_total ON sales_order (total DESC, order_id DESC) WHERE NOT deleted;
CREATE INDEX sales_order_by_update ON sales_order (updated_at DESC, order_id DESC) WHERE NOT deleted;
CREATE INDEX sales_order_by_number ON sales_order (number) WHERE NOT deleted;
CREATE INDEX sales_order_by_external_id ON sales_order (external_id) WHERE external_id IS NOT NULL AND NOT deleted;
CREATE INDEX sales_order_by_sku_and_country ON sales_order USING gin (skus, countries) WHERE NOT deleted;
-- All orders of a customer who is erased, deleted ones too: each was published with the customer's name.
CREATE INDEX sales_order_of_customer ON sales_order (customer_id, order_id);

-- The lines as rows, for comparisons and for people.
CREATE VIEW order_line AS
SELECT line.order_line_id, o.order_id, o.lines_version, line.line_number, line.sku, line.product_name, line.quantity,
    line.unit_price, line.discount, line.amount, line.delivery_address_id, line.version, line.deleted
FROM sales_order AS o CROSS JOIN LATERAL unnest(o.lines) AS line;

-- Rows of orders that are not complete: of the order or of a line, as they came. They leave once the order is complete and
-- published, or can no longer be.
CREATE TABLE incomplete_order (
    order_id uuid NOT NULL,
    topic text NOT NULL,
    row_id uuid NOT NULL,
    version bigint NOT NULL,
    value json NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (order_id, topic, row_id, version)
);
