-- Destinations have a region, a city, and coordinates to the first decimal: those of 500 addresses need more than 64 KiB.
ALTER TABLE replica_order MODIFY COLUMN destinations MEDIUMTEXT NOT NULL;
