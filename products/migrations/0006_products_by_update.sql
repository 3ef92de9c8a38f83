-- The index of incremental reads: the products that were updated in a range of time, in the order of their updates.

ALTER TABLE products
    ADD KEY products_by_update (updated_at, sku),
    ADD KEY products_by_active_and_update (active, updated_at, sku);
