-- What was answered to whom under which Idempotency-Key: in every service's own database, written in the transaction of
-- what was made, so that both are there or neither is. Swept after a day.

CREATE TABLE IF NOT EXISTS idempotency_key (
    caller VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    idempotency_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    request_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status SMALLINT NOT NULL,
    headers VARCHAR(1000) NOT NULL,
    body MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
    about CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (caller, idempotency_key),
    KEY idempotency_key_by_person (about),
    KEY idempotency_key_by_age (created_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
