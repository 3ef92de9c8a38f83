-- The stores that have units of a SKU to sell, as `inventory` says: the search index shows a product with them.

CREATE TABLE IF NOT EXISTS replica_sku_availability (
    sku VARCHAR(64) COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    available_at MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    deleted BOOLEAN NOT NULL,
    version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
