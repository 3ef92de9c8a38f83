-- What suppliers shall send to stores, and how much has arrived there.

ALTER TABLE availability ADD COLUMN delivered bigint NOT NULL DEFAULT 0;

CREATE TABLE restock_request (
    restock_request_id uuid PRIMARY KEY,
    stock_id text COLLATE "C" NOT NULL,
    store_id text COLLATE "C" NOT NULL,
    sku text COLLATE "C" NOT NULL,
    quantity integer NOT NULL,
    status text NOT NULL,
    added integer,
    refused integer,
    requested_at timestamptz NOT NULL,
    received_at timestamptz,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL
);
CREATE INDEX restock_request_by_time ON restock_request (requested_at, restock_request_id) WHERE NOT deleted;
CREATE INDEX restock_request_by_store ON restock_request (store_id, requested_at, restock_request_id) WHERE NOT deleted;
CREATE INDEX restock_request_by_sku ON restock_request (sku, requested_at, restock_request_id) WHERE NOT deleted;
CREATE INDEX restock_request_by_status ON restock_request (status, requested_at, restock_request_id) WHERE NOT deleted;
