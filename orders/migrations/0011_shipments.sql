-- The status of each shipment and its units, by which orders move: see `orders/fulfilment/`. `units` is a JSON object of the
-- quantities, by the id of the order line. Nothing here is about a person.

CREATE TABLE IF NOT EXISTS replica_shipment (
    shipment_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    units MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    deleted BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    KEY replica_shipment_by_order (order_id, shipment_id),
    CONSTRAINT replica_shipment_units CHECK (JSON_VALID(units))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
