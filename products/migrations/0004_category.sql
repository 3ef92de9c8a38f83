-- The tree of categories, captured by the connector oms-products; every slug there ever was; and the products of each
-- category. Siblings are sorted by position, then by slug.

CREATE TABLE IF NOT EXISTS category (
    slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    description VARCHAR(2000) NULL,
    parent_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    position INT NOT NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL,
    KEY category_by_parent (parent_slug, slug),
    KEY category_by_change (updated_at, slug)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Outlives its category, like known_sku its product.
CREATE TABLE IF NOT EXISTS known_category (
    slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
