-- The catalogue, captured by the connector oms-products, and every SKU there ever was.
-- Statements are repeatable: MySQL commits each by itself, so a cut-short migration is begun again.

CREATE TABLE IF NOT EXISTS products (
    sku VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    description VARCHAR(2000) NULL,
    price DECIMAL(19, 4) NOT NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    type VARCHAR(50) NULL,
    length DECIMAL(12, 3) NULL,
    width DECIMAL(12, 3) NULL,
    height DECIMAL(12, 3) NULL,
    weight DECIMAL(12, 3) NULL,
    unit VARCHAR(50) NULL,
    hierarchies JSON NOT NULL,
    active BOOLEAN NOT NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Outlives its product, so that a SKU made again goes on above the versions it had: every view keeps the highest
-- version of a SKU for ever, and would take the new product for an old duplicate of the deleted one.
CREATE TABLE IF NOT EXISTS known_sku (
    sku VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
