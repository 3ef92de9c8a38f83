-- Orders that wait for units, by SKU, oldest first; and which SKUs they may wait for.

-- While it is true, only the orders that wait are promised units: both the stream and `POST /reservations` look at it.
ALTER TABLE availability ADD COLUMN has_backorders BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE IF NOT EXISTS backorder (
    sku VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
    placed_at DATETIME(3) NOT NULL,
    order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    order_detail_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    quantity INT NOT NULL,
    since DATETIME(3) NOT NULL,
    PRIMARY KEY (sku, placed_at, order_id, order_detail_id),
    KEY backorder_by_order (order_id),
    CONSTRAINT backorder_quantity CHECK (quantity > 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

ALTER TABLE stock_policy ADD COLUMN backorders VARCHAR(5) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'no';
ALTER TABLE stock_policy ADD COLUMN backorder_limit INT NULL;
ALTER TABLE stock_policy ADD COLUMN lead_time_days INT NULL;
