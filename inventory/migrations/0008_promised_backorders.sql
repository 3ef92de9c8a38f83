-- Orders that were promised their units and are short come before all that wait, so that they get what arrives.

ALTER TABLE backorder
    ADD COLUMN unpromised BOOLEAN NOT NULL DEFAULT TRUE AFTER sku,
    DROP PRIMARY KEY,
    ADD PRIMARY KEY (sku, unpromised, placed_at, order_id, order_detail_id);
