-- An order's number is unique within the system that it comes from. Orders that are here come from the one without a
-- name, so no row is written. The key keeps its name, by which lists are read, also while the service before runs.

ALTER TABLE `order`
    ADD COLUMN source VARCHAR(50) COLLATE utf8mb4_bin NOT NULL DEFAULT '' AFTER external_id,
    DROP KEY order_external_id,
    ADD UNIQUE KEY order_external_id (external_id, source);
