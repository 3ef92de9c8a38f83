-- Customers and their addresses, both captured by the connector oms-customers.
-- Statements are repeatable: MySQL commits each by itself, so a cut-short migration is begun again.

CREATE TABLE IF NOT EXISTS customer (
    customer_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    last_name VARCHAR(200) NOT NULL,
    email VARCHAR(320) COLLATE utf8mb4_bin NOT NULL,
    identity_document VARCHAR(50) COLLATE utf8mb4_bin NULL,
    phone VARCHAR(50) NULL,
    company VARCHAR(200) NULL,
    active BOOLEAN NOT NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE KEY customer_email (email),
    KEY customer_by_identity_document (identity_document)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- The foreign key does not cascade: rows that a cascade deletes are not in the binlog, so no view would hear of it.
CREATE TABLE IF NOT EXISTS address (
    address_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    customer_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    street_type VARCHAR(50) NULL,
    street VARCHAR(200) NOT NULL,
    number VARCHAR(50) NULL,
    building VARCHAR(200) NULL,
    department VARCHAR(200) NULL,
    reference VARCHAR(200) NULL,
    city VARCHAR(200) NOT NULL,
    region VARCHAR(200) NULL,
    postal_code VARCHAR(50) NULL,
    country CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    latitude DECIMAL(9, 6) NULL,
    longitude DECIMAL(9, 6) NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL,
    KEY address_by_customer (customer_id, address_id),
    CONSTRAINT address_customer FOREIGN KEY (customer_id) REFERENCES customer (customer_id) ON DELETE RESTRICT
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
