-- What suppliers shall send to stores, and what is on its way. Locked after availability.

ALTER TABLE availability ADD COLUMN delivered BIGINT NOT NULL DEFAULT 0 AFTER incoming;

-- A stock has one open request: `open_key` is NULL for the others.
CREATE TABLE IF NOT EXISTS restock_request (
    restock_request_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    stock_id VARCHAR(97) COLLATE utf8mb4_bin NOT NULL,
    store_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sku VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
    quantity INT NOT NULL,
    status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    added INT NULL,
    refused INT NULL,
    requested_at DATETIME(3) NOT NULL,
    received_at DATETIME(3) NULL,
    updated_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL,
    open_key VARCHAR(97) COLLATE utf8mb4_bin
        GENERATED ALWAYS AS (CASE WHEN status IN ('accepted', 'manufacturing', 'completed') THEN stock_id END) STORED,
    UNIQUE KEY restock_request_open (open_key),
    KEY restock_request_by_status (status, restock_request_id),
    KEY restock_request_by_due (status, updated_at),
    KEY restock_request_by_store (store_id, restock_request_id),
    KEY restock_request_by_store_and_status (store_id, status, restock_request_id),
    KEY restock_request_by_sku (sku, restock_request_id),
    KEY restock_request_by_stock (store_id, sku, restock_request_id),
    CONSTRAINT restock_request_quantity CHECK (quantity > 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS inbound (
    inbound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    stock_id VARCHAR(97) COLLATE utf8mb4_bin NOT NULL,
    store_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sku VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
    quantity INT NOT NULL,
    unsellable INT NOT NULL,
    reason VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sent_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL,
    KEY inbound_by_stock (stock_id),
    KEY inbound_by_store (store_id),
    CONSTRAINT inbound_units CHECK (quantity > 0 AND unsellable >= 0 AND unsellable <= quantity)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
