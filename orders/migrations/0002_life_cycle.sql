-- The order's life cycle with its history, and the delivery addresses as they were when the order was placed.
-- One ALTER for each table: where it was done already, its columns are there and it is passed.

ALTER TABLE `order`
    ADD COLUMN confirmed_at DATETIME(3) NULL AFTER required_at,
    ADD COLUMN delivered_at DATETIME(3) NULL AFTER shipped_at,
    ADD COLUMN rejected_at DATETIME(3) NULL AFTER cancellation_reason,
    ADD COLUMN rejection_reason VARCHAR(200) NULL AFTER rejected_at,
    ADD COLUMN erased_at DATETIME(3) NULL AFTER rejection_reason,
    ADD COLUMN delivery_addresses JSON NULL AFTER erased_at,
    DROP KEY order_by_customer,
    ADD KEY order_by_time (placed_at, order_id),
    ADD KEY order_by_customer_and_time (customer_id, placed_at, order_id),
    ADD KEY order_by_status_and_time (status, placed_at, order_id),
    ADD KEY order_by_customer_status_and_time (customer_id, status, placed_at, order_id);

UPDATE `order` SET delivery_addresses = '[]' WHERE delivery_addresses IS NULL;

ALTER TABLE `order` MODIFY COLUMN delivery_addresses JSON NOT NULL;

-- Who did what to an order, and from which version to which. Written in the transaction of the change itself.
CREATE TABLE IF NOT EXISTS order_history (
    order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    to_version BIGINT NOT NULL,
    from_version BIGINT NULL,
    command VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    caller VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(200) NULL,
    happened_at DATETIME(3) NOT NULL,
    PRIMARY KEY (order_id, to_version)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- What an address says; NULL once it is deleted.
ALTER TABLE replica_address ADD COLUMN details JSON NULL AFTER customer_id;

-- An empty replica is filled anew from the start of the topics, now with what addresses say.
DELETE FROM replica_customer;
DELETE FROM replica_address;
DELETE FROM replica_product;
