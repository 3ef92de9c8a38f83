-- The tree of categories, captured by the connector oms-products. Siblings are sorted by position, then by slug.

CREATE TABLE IF NOT EXISTS category (
    slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    description VARCHAR(2000) NULL,
    parent_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    position INT NOT NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL,
    KEY category_by_parent (parent_slug, position, slug),
    KEY category_by_update (updated_at, slug),
    KEY category_by_parent_and_update (parent_slug, updated_at, slug)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Every slug there ever was. It outlives its category, like known_sku its product.
CREATE TABLE IF NOT EXISTS known_category (
    slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- One row, which stands for the tree: it is locked by who changes the tree, and shared by who copies from it.
CREATE TABLE IF NOT EXISTS category_tree (
    id INT NOT NULL PRIMARY KEY
) ENGINE = InnoDB;

INSERT IGNORE INTO category_tree (id) VALUES (1);

-- The products of each category: an index of the JSON column products.categories.
CREATE TABLE IF NOT EXISTS product_category (
    slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sku VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    PRIMARY KEY (slug, sku),
    KEY product_category_by_sku (sku)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Changed categories of which some products, those after a SKU, still have the former name or path.
CREATE TABLE IF NOT EXISTS category_change (
    slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    after_sku VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Products from before, whose categories are names: the empty slug stands for all products.
INSERT IGNORE INTO category_change (slug, after_sku) SELECT '', '' FROM products LIMIT 1;
