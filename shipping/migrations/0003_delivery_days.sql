-- Depots, their delivery days, and the window of a shipment. Days are locked after shipments, by depot and date.

-- The delivery department of a location, which has its id. Captured. `vans` is a JSON list.
CREATE TABLE IF NOT EXISTS depot (
    depot VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    zone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    opens CHAR(5) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    closes CHAR(5) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    parallel_deliveries INT NOT NULL,
    vans MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT depot_vans CHECK (JSON_VALID(vans))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Every depot there ever was, with its first version or that of its deletion: one that is created again starts above it.
-- The row is the lock of the depot.
CREATE TABLE IF NOT EXISTS known_depot (
    depot VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- What the events of a day lead to, as JSON. A day may have hundreds of events, so commands start from this snapshot; one
-- of another schema version, or without a state, is folded from its events. The row is the lock of the day.
CREATE TABLE IF NOT EXISTS delivery_day (
    depot VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    delivery_date CHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    state MEDIUMTEXT COLLATE utf8mb4_bin NULL,
    schema_version SMALLINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (depot, delivery_date),
    CONSTRAINT delivery_day_state CHECK (JSON_VALID(state))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

ALTER TABLE shipment ADD COLUMN depot VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL;
ALTER TABLE shipment ADD COLUMN delivery_date CHAR(10) CHARACTER SET ascii COLLATE ascii_bin NULL;
ALTER TABLE shipment ADD COLUMN van VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL;
ALTER TABLE shipment ADD COLUMN window_from DATETIME(6) NULL;
ALTER TABLE shipment ADD COLUMN window_to DATETIME(6) NULL;
ALTER TABLE shipment ADD COLUMN window_zone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL;
ALTER TABLE shipment ADD KEY shipment_by_delivery_day (depot, delivery_date);
