-- The read model: rows as the topics have them, guarded by their version. Nothing is ever removed: a deleted row is
-- marked, since a removed one could be brought back by an older duplicate. No foreign keys: facts arrive in any order.

CREATE TABLE customer (
    customer_id uuid PRIMARY KEY,
    name text NOT NULL,
    last_name text NOT NULL,
    email text NOT NULL,
    identity_document text,
    phone text,
    company text,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL
);
CREATE INDEX customer_by_email ON customer (lower(email));

CREATE TABLE address (
    address_id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    street_type text,
    street text NOT NULL,
    number text,
    building text,
    department text,
    reference text,
    city text NOT NULL,
    region text,
    postal_code text,
    country text NOT NULL,
    latitude numeric(9, 6),
    longitude numeric(9, 6),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL
);
CREATE INDEX address_by_customer ON address (customer_id);

CREATE TABLE product (
    sku text PRIMARY KEY,
    name text NOT NULL,
    description text,
    price numeric(19, 4) NOT NULL,
    currency text NOT NULL,
    type text,
    length numeric(12, 3),
    width numeric(12, 3),
    height numeric(12, 3),
    weight numeric(12, 3),
    unit text,
    hierarchies jsonb NOT NULL,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL
);

-- The newest row heard of for each order, which may still wait for its lines.
CREATE TABLE heard_order (
    order_id uuid PRIMARY KEY,
    external_id text,
    customer_id uuid NOT NULL,
    status text NOT NULL,
    currency text NOT NULL,
    total numeric(19, 4) NOT NULL,
    freight numeric(19, 4) NOT NULL,
    lines_version bigint NOT NULL,
    line_count integer NOT NULL,
    placed_at timestamptz NOT NULL,
    required_at timestamptz,
    shipped_at timestamptz,
    cancelled_at timestamptz,
    cancellation_reason text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL
);

-- The last whole state of each order: what readers see. Same columns as heard_order, in the same order.
CREATE TABLE shown_order (LIKE heard_order INCLUDING ALL);
CREATE INDEX shown_order_newest ON shown_order (placed_at DESC, order_id DESC) WHERE NOT deleted;
CREATE INDEX shown_order_by_customer ON shown_order (customer_id, placed_at DESC, order_id DESC) WHERE NOT deleted;
CREATE INDEX shown_order_by_status ON shown_order (status, placed_at DESC, order_id DESC) WHERE NOT deleted;

-- The lines of an order under each of its lines_versions; the order says which one counts.
CREATE TABLE order_line (
    order_line_id uuid PRIMARY KEY,
    order_id uuid NOT NULL,
    lines_version bigint NOT NULL,
    line_number integer NOT NULL,
    sku text NOT NULL,
    product_name text NOT NULL,
    quantity integer NOT NULL,
    unit_price numeric(19, 4) NOT NULL,
    discount numeric(5, 4) NOT NULL,
    amount numeric(19, 4) NOT NULL,
    delivery_address_id uuid NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL
);
CREATE INDEX order_line_by_order ON order_line (order_id, lines_version, line_number);

-- How far each partition of each topic was read, written in the transaction of the rows themselves.
CREATE TABLE progress (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    committed_at timestamptz NOT NULL,
    projected_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition)
);
