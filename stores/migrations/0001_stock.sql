-- The stock of one store: the ledger of movements and the row it leads to, and the answers to reservations.
-- Statements are repeatable: MySQL commits each by itself, so an interrupted migration is started again.

CREATE TABLE IF NOT EXISTS stock (
    stock_id VARCHAR(97) COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    store_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sku VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
    on_hand INT NOT NULL,
    unsellable INT NOT NULL DEFAULT 0,
    committed INT NOT NULL DEFAULT 0,
    movements BIGINT NOT NULL,
    reorder_at INT NULL,
    reorder_to INT NULL,
    updated_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL,
    KEY stock_by_sku (sku),
    CONSTRAINT stock_never_less CHECK (
        on_hand >= 0 AND unsellable >= 0 AND committed >= 0 AND committed + unsellable <= on_hand
    ),
    CONSTRAINT stock_levels CHECK (reorder_to IS NULL OR reorder_to > reorder_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Append only. Each row has the units after it, so it can be compared with the one before.
CREATE TABLE IF NOT EXISTS stock_movement (
    movement_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    stock_id VARCHAR(97) COLLATE utf8mb4_bin NOT NULL,
    store_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sku VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
    sequence BIGINT NOT NULL,
    delta INT NOT NULL,
    unsellable_delta INT NOT NULL DEFAULT 0,
    on_hand_after INT NOT NULL,
    unsellable_after INT NOT NULL,
    reason VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reference VARCHAR(100) COLLATE utf8mb4_bin NULL,
    caller VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL,
    happened_at DATETIME(6) NOT NULL,
    recorded_at DATETIME(6) NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE KEY stock_movement_sequence (stock_id, sequence),
    UNIQUE KEY stock_movement_reference (stock_id, reference),
    CONSTRAINT stock_movement_never_less CHECK (on_hand_after >= 0 AND unsellable_after >= 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS allocation (
    allocation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    stock_id VARCHAR(97) COLLATE utf8mb4_bin NOT NULL,
    store_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sku VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
    order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    quantity INT NOT NULL,
    state VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reservation_version BIGINT NOT NULL,
    on_hand INT NULL,
    unsellable INT NULL,
    committed INT NULL,
    stock_version BIGINT NULL,
    answered_at DATETIME(3) NOT NULL,
    version BIGINT NOT NULL,
    KEY allocation_by_stock (stock_id, state, allocation_id),
    KEY allocation_by_state (state, allocation_id),
    CONSTRAINT allocation_quantity CHECK (quantity > 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS store_heartbeat (
    store_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    beaten_at DATETIME(6) NOT NULL,
    version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- The offsets up to which reservations have been answered, written in the transaction of the answers.
CREATE TABLE IF NOT EXISTS read_position (
    topic VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    partition_number INT NOT NULL,
    next_offset BIGINT NOT NULL,
    PRIMARY KEY (topic, partition_number)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
