-- The units that shipments take of the stock of orders. `units` of a shipment is a JSON list: its lines without the texts.

ALTER TABLE reservation
    ADD COLUMN dispatched INT NOT NULL DEFAULT 0 AFTER answer_version,
    ADD COLUMN shipped INT NOT NULL DEFAULT 0 AFTER dispatched;

CREATE TABLE IF NOT EXISTS replica_shipment (
    shipment_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    location VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
    units MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
    deleted BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    KEY replica_shipment_by_order (order_id, shipment_id),
    CONSTRAINT replica_shipment_units CHECK (JSON_VALID(units))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
