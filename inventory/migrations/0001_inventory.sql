-- Central's knowledge of every store's stock, the reservations it makes, and the state of each order's stock.
-- Locks are taken in this order everywhere: hold, availability by stock_id, reservation by id, sourcing by id.
-- Statements are repeatable: MySQL commits each by itself, so an interrupted migration is started again.

-- The arbiter of reservations. Reserved units are on hand, and those that are not are counted beside: a till may sell
-- units that are reserved and not yet committed. Each new reservation is guarded by its statement.
CREATE TABLE IF NOT EXISTS availability (
    stock_id VARCHAR(97) COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    store_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sku VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
    on_hand INT NOT NULL,
    unsellable INT NOT NULL,
    committed INT NOT NULL,
    reserved INT NOT NULL,
    overreserved BIGINT NOT NULL DEFAULT 0,
    safety_margin INT NOT NULL,
    incoming INT NOT NULL DEFAULT 0,
    reorder_at INT NULL,
    reorder_to INT NULL,
    stock_version BIGINT NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL,
    KEY availability_by_sku (sku, store_id),
    CONSTRAINT availability_never_less CHECK (
        reserved >= 0 AND overreserved >= 0 AND safety_margin >= 0 AND incoming >= 0
        AND (reserved = 0 OR reserved + committed + unsellable <= on_hand)
    )
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS reservation (
    reservation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    hold_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    order_detail_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    lines_version BIGINT NULL,
    stock_id VARCHAR(97) COLLATE utf8mb4_bin NOT NULL,
    store_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sku VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
    quantity INT NOT NULL,
    attempt INT NOT NULL,
    wanted VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    state VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    answer_version BIGINT NOT NULL DEFAULT 0,
    expires_at DATETIME(3) NULL,
    ask_until DATETIME(3) NULL,
    version BIGINT NOT NULL,
    KEY reservation_by_order (order_id),
    KEY reservation_by_hold (hold_id),
    KEY reservation_by_expiry (state, expires_at),
    KEY reservation_by_answer (state, ask_until),
    KEY reservation_by_stock (stock_id, state, expires_at),
    CONSTRAINT reservation_quantity CHECK (quantity > 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- What `POST /reservations` made: held, released, expired, or ordered (the order took it over).
CREATE TABLE IF NOT EXISTS hold (
    hold_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    caller VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL,
    status VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    requested MEDIUMTEXT NOT NULL,
    expires_at DATETIME(3) NOT NULL,
    order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL,
    KEY hold_by_expiry (status, expires_at),
    CONSTRAINT hold_requested CHECK (JSON_VALID(requested))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS sourcing (
    order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    lines_version BIGINT NOT NULL,
    placed_at DATETIME(3) NOT NULL,
    status VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(200) NULL,
    `lines` MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
    on_request BOOLEAN NOT NULL DEFAULT FALSE,
    decided_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL,
    KEY sourcing_by_status (status, order_id),
    CONSTRAINT sourcing_lines CHECK (JSON_VALID(`lines`))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Orders and their lines as they arrived: what a decision needs, and nothing personal.
CREATE TABLE IF NOT EXISTS replica_order (
    order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    status VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    lines_version BIGINT NOT NULL,
    line_count INT NOT NULL,
    reservation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    destinations TEXT NOT NULL,
    placed_at DATETIME(3) NOT NULL,
    deleted BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT replica_order_destinations CHECK (JSON_VALID(destinations))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS replica_order_line (
    order_detail_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    lines_version BIGINT NOT NULL,
    line_number INT NOT NULL,
    sku VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
    quantity INT NOT NULL,
    delivery_address_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    deleted BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    KEY replica_order_line_by_order (order_id, lines_version)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Each sign of life raises `version`, as any change must. `details_version` is raised only by what clients change, so that
-- their If-Match is about that.
CREATE TABLE IF NOT EXISTS store (
    store_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    country CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    region VARCHAR(100) NULL,
    city VARCHAR(100) NULL,
    latitude DECIMAL(9, 6) NULL,
    longitude DECIMAL(9, 6) NULL,
    priority INT NOT NULL DEFAULT 0,
    sells_online BOOLEAN NOT NULL DEFAULT TRUE,
    fresh_until DATETIME(6) NULL,
    details_version BIGINT NOT NULL DEFAULT 1,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- `policy_id` is <store>/<sku>, of which either may be `*`; the most specific one is valid.
CREATE TABLE IF NOT EXISTS stock_policy (
    policy_id VARCHAR(97) COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    tracked BOOLEAN NOT NULL DEFAULT TRUE,
    safety_margin INT NOT NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL,
    KEY stock_policy_by_tracked (tracked),
    CONSTRAINT stock_policy_margin CHECK (safety_margin >= 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Known SKUs, so that a reservation of an unknown one is refused as such.
CREATE TABLE IF NOT EXISTS replica_product (
    sku VARCHAR(64) COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    active BOOLEAN NOT NULL,
    deleted BOOLEAN NOT NULL,
    version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- One row: orders that were placed before it are not sourced.
CREATE TABLE IF NOT EXISTS sourcing_start (
    sourcing_start_id TINYINT NOT NULL PRIMARY KEY,
    sourcing_since DATETIME(3) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
