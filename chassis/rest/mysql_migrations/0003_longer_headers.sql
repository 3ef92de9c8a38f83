-- A SKU of 64 characters is percent-encoded in two headers, with up to 12 characters for each of its own.

ALTER TABLE idempotency_key MODIFY headers VARCHAR(2000) NOT NULL;
