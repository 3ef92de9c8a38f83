-- Tracking numbers of erased customers, so that what carriers report of them later is not kept. Of each there are 32 bits of
-- its digest: many numbers have the same, so a row is about nobody.

CREATE TABLE IF NOT EXISTS forgotten_number (
    carrier VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    digest CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    forgotten_at DATETIME(6) NOT NULL,
    PRIMARY KEY (carrier, digest),
    KEY forgotten_number_by_age (forgotten_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
