-- The reservation that an order takes over, and the newest sourcing of each order that inventory has decided about.
-- Statements are repeatable: MySQL commits each by itself, so an interrupted migration is started again.

ALTER TABLE `order` ADD COLUMN reservation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL AFTER number;

-- The orders placed since the first of these are inventory's, except for those that were sourced on request: see
-- `orders/sourcing/replica.py`.
CREATE TABLE IF NOT EXISTS replica_sourcing (
    order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    placed_at DATETIME(3) NOT NULL,
    on_request BOOLEAN NOT NULL,
    deleted BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    KEY replica_sourcing_by_time (deleted, on_request, placed_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
