-- Returns of units of an order and their refunds: the rows that the streams `return:<id>` lead to.
-- Locks are taken in this order everywhere: replica_order, shipment by id, order_return by id, carrier_message.
-- Statements are repeatable: MySQL commits each by itself, so an interrupted migration is started again.

-- `lines` has the units and what is refunded for them. Amounts are in `currency`.
CREATE TABLE IF NOT EXISTS order_return (
    return_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    customer_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    origin VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    shipment_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    status VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    rma_number VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
    location VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    reason VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
    `lines` MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
    refund_amount DECIMAL(19, 4) NULL,
    refund_freight DECIMAL(19, 4) NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NULL,
    refund_reference VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL,
    requested_at DATETIME(6) NOT NULL,
    authorised_at DATETIME(6) NULL,
    refused_at DATETIME(6) NULL,
    cancelled_at DATETIME(6) NULL,
    received_at DATETIME(6) NULL,
    refund_approved_at DATETIME(6) NULL,
    refunded_at DATETIME(6) NULL,
    updated_at DATETIME(6) NOT NULL,
    version BIGINT NOT NULL,
    KEY order_return_by_order (order_id, return_id),
    KEY order_return_by_customer (customer_id, return_id),
    KEY order_return_by_status (status, return_id),
    CONSTRAINT order_return_lines CHECK (JSON_VALID(`lines`))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- What is paid for an order, so that nothing more is refunded. Orders that arrived before this lack it until they change.
ALTER TABLE replica_order
    ADD COLUMN currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN freight DECIMAL(19, 4) NULL;
