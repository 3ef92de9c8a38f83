-- Until when the replica holds all that a source's database had committed, by the heartbeats that its worker hears.

CREATE TABLE IF NOT EXISTS replica_freshness (
    source VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    fresh_until DATETIME(6) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
