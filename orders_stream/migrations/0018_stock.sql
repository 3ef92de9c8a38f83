-- What is available where, the stores, and the state of each order's stock.

CREATE TABLE store (
    store_id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    country text NOT NULL,
    region text,
    city text,
    latitude numeric(9, 6),
    longitude numeric(9, 6),
    priority integer NOT NULL,
    sells_online boolean NOT NULL,
    fresh_until timestamptz,
    details_version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL
);

-- `available` and `available_to_promise` are those of `contracts/inventory.py`. `is_low`: what is there and what is on
-- its way is at or below the level at which more is ordered. Sums are of 64 bits: those of 32 could overflow.
-- A row changes with each sale, so no index has a column that does, but where a row becomes low, and pages have room.
CREATE TABLE availability (
    stock_id text COLLATE "C" PRIMARY KEY,
    store_id text COLLATE "C" NOT NULL,
    sku text COLLATE "C" NOT NULL,
    on_hand integer NOT NULL,
    unsellable integer NOT NULL,
    committed integer NOT NULL,
    reserved integer NOT NULL,
    overreserved bigint NOT NULL,
    safety_margin integer NOT NULL,
    incoming integer NOT NULL,
    reorder_at integer,
    reorder_to integer,
    available integer NOT NULL
        GENERATED ALWAYS AS (greatest(0, on_hand::bigint - unsellable - committed - reserved)) STORED,
    available_to_promise integer NOT NULL
        GENERATED ALWAYS AS (greatest(0, on_hand::bigint - unsellable - committed - reserved - safety_margin)) STORED,
    is_low boolean NOT NULL
        GENERATED ALWAYS AS (coalesce(on_hand::bigint - unsellable - committed + incoming <= reorder_at, false)) STORED,
    stock_version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX availability_by_sku ON availability (sku, store_id) WHERE NOT deleted;
CREATE INDEX availability_by_store ON availability (store_id, sku) WHERE NOT deleted;
CREATE INDEX availability_that_is_low ON availability (sku, store_id) WHERE NOT deleted AND is_low;

CREATE TABLE sourcing (
    order_id uuid PRIMARY KEY,
    lines_version bigint NOT NULL,
    placed_at timestamptz NOT NULL,
    status text NOT NULL,
    reason text,
    lines jsonb NOT NULL,
    on_request boolean NOT NULL,
    decided_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL
);

-- The reservation that an order takes over.
ALTER TABLE sales_order ADD COLUMN reservation_id uuid;
