-- Units that arrive from suppliers and customers, each booked once. `delivered` is the sum of their quantities.

ALTER TABLE stock ADD COLUMN delivered BIGINT NOT NULL DEFAULT 0 AFTER reorder_to;

ALTER TABLE allocation ADD COLUMN delivered BIGINT NULL AFTER committed;

CREATE TABLE IF NOT EXISTS receipt (
    inbound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    stock_id VARCHAR(97) COLLATE utf8mb4_bin NOT NULL,
    store_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sku VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
    reason VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    quantity INT NOT NULL,
    added INT NOT NULL,
    refused INT NOT NULL,
    on_hand INT NOT NULL,
    unsellable INT NOT NULL,
    committed INT NOT NULL,
    delivered BIGINT NOT NULL,
    stock_version BIGINT NOT NULL,
    received_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL,
    KEY receipt_by_stock (stock_id),
    CONSTRAINT receipt_units CHECK (added >= 0 AND refused >= 0 AND added + refused = quantity)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
