-- The units of an inbound that orders waited for when it was sent: the store takes them beyond its `reorder_to`.

ALTER TABLE inbound ADD COLUMN backordered INT NOT NULL DEFAULT 0 AFTER unsellable;
