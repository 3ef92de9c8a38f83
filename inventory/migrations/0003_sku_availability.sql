-- The stores that have units of a SKU to sell online. Written only when a store gets its first or loses its last, in the
-- transaction that changes the row of availability. It is locked after all other rows. The worker fills it when it starts.

CREATE TABLE IF NOT EXISTS sku_availability (
    sku VARCHAR(64) COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    available_at MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT sku_availability_stores CHECK (JSON_VALID(available_at))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
