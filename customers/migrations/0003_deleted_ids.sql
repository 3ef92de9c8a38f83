-- The ids of deleted customers and addresses, each with the version of its delete: a row that an import brings back under
-- its id goes on above it, since every view keeps the highest version of an id for ever. An id tells of nobody.

CREATE TABLE IF NOT EXISTS deleted_id (
    id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
