-- The events of all shipments, the rows these lead to, and what planning and carriers need.
-- Locks are taken in this order everywhere: replica_order, shipment by id, carrier_message.
-- Statements are repeatable: MySQL commits each by itself, so an interrupted migration is started again.

-- The truth: rows are only inserted. `data` is TEXT, which has the same bytes in MySQL, MariaDB and the topic.
CREATE TABLE IF NOT EXISTS shipping_event (
    stream_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sequence BIGINT NOT NULL,
    event_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    type VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    type_version SMALLINT NOT NULL,
    data MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
    caller VARCHAR(100) NULL,
    caused_by VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL,
    happened_at DATETIME(6) NOT NULL,
    recorded_at DATETIME(6) NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (stream_id, sequence),
    UNIQUE KEY shipping_event_id (event_id),
    CONSTRAINT shipping_event_data CHECK (JSON_VALID(data))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- What the events of a stream lead to. Events tell nothing of persons: only parcels and received_by do.
CREATE TABLE IF NOT EXISTS shipment (
    shipment_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    customer_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    location VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    delivery_address_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    city VARCHAR(200) NULL,
    region VARCHAR(200) NULL,
    country CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NULL,
    `lines` MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
    parcels MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
    tracking MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
    carrier VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
    attempts INT NOT NULL DEFAULT 0,
    reason VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
    received_by VARCHAR(200) NULL,
    planned_at DATETIME(6) NOT NULL,
    packed_at DATETIME(6) NULL,
    dispatched_at DATETIME(6) NULL,
    delivered_at DATETIME(6) NULL,
    cancelled_at DATETIME(6) NULL,
    returned_at DATETIME(6) NULL,
    erased_at DATETIME(6) NULL,
    updated_at DATETIME(6) NOT NULL,
    version BIGINT NOT NULL,
    KEY shipment_by_order (order_id, shipment_id),
    KEY shipment_by_customer (customer_id, shipment_id),
    KEY shipment_by_status (status, shipment_id),
    KEY shipment_by_location (location, status, shipment_id),
    CONSTRAINT shipment_lines CHECK (JSON_VALID(`lines`)),
    CONSTRAINT shipment_parcels CHECK (JSON_VALID(parcels)),
    CONSTRAINT shipment_tracking CHECK (JSON_VALID(tracking))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Orders as `orders-graph` last had them: what planning needs, and nothing personal. The row is the lock of the order's
-- shipments and names them: reading them by an index of `shipment` would lock the gaps beside them as well. One of
-- version 0 is there for its lock only: a sourcing came before its order.
CREATE TABLE IF NOT EXISTS replica_order (
    order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    customer_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    status VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
    placed_at DATETIME(6) NULL,
    confirmed_at DATETIME(6) NULL,
    is_imported BOOLEAN NOT NULL DEFAULT FALSE,
    on_request BOOLEAN NOT NULL DEFAULT FALSE,
    `lines` MEDIUMTEXT COLLATE utf8mb4_bin NULL,
    shipment_ids MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NULL,
    deleted BOOLEAN NOT NULL DEFAULT FALSE,
    version BIGINT NOT NULL,
    CONSTRAINT replica_order_lines CHECK (JSON_VALID(`lines`))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS replica_sourcing (
    order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    placed_at DATETIME(6) NOT NULL,
    on_request BOOLEAN NOT NULL,
    status VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    `lines` MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
    deleted BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    KEY replica_sourcing_by_start (deleted, on_request, placed_at),
    CONSTRAINT replica_sourcing_lines CHECK (JSON_VALID(`lines`))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Customers that were deleted: nothing personal is stored about them any more.
CREATE TABLE IF NOT EXISTS erased_customer (
    customer_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    erased_at DATETIME(6) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Which parcel a carrier means. Personal: the rows of an erased customer are deleted.
CREATE TABLE IF NOT EXISTS tracking_number (
    carrier VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    tracking_number VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    shipment_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    parcel_id VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (carrier, tracking_number),
    UNIQUE KEY tracking_number_of_parcel (shipment_id, parcel_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- What carriers reported, by their own id of the event, so that a repeated one does nothing. Without a shipment it waits
-- for its tracking number, which is personal: it is removed once the message is applied.
CREATE TABLE IF NOT EXISTS carrier_message (
    carrier VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    event_id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    tracking_number VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL,
    shipment_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    code VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    city VARCHAR(200) NULL,
    country CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NULL,
    happened_at DATETIME(6) NOT NULL,
    received_at DATETIME(6) NOT NULL,
    PRIMARY KEY (carrier, event_id),
    KEY carrier_message_by_tracking_number (carrier, tracking_number, happened_at),
    KEY carrier_message_by_age (shipment_id, received_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- One row: orders that were confirmed before it get no shipments by themselves.
CREATE TABLE IF NOT EXISTS shipping_start (
    shipping_start_id TINYINT NOT NULL PRIMARY KEY,
    shipping_since DATETIME(6) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
