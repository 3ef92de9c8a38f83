-- An index for each way that products are listed, in the order of the list, so that no list is sorted when it is asked
-- for. A catalogue is read far more often than it is written. One ALTER, which MySQL does whole or not at all.

ALTER TABLE products
    ADD KEY products_by_name (name, sku),
    ADD KEY products_by_age (created_at, sku),
    ADD KEY products_by_price (currency, price, sku),
    ADD KEY products_by_active (active, sku),
    ADD KEY products_by_active_and_name (active, name, sku),
    ADD KEY products_by_active_and_age (active, created_at, sku),
    ADD KEY products_by_active_and_price (currency, active, price, sku),
    ADD KEY products_by_type (type, sku),
    ADD KEY products_by_type_and_name (type, name, sku),
    ADD KEY products_by_type_and_price (currency, type, price, sku),
    ADD KEY products_by_type_and_active (type, active, sku),
    ADD KEY products_by_type_and_active_and_name (type, active, name, sku),
    ADD KEY products_by_type_and_active_and_price (currency, type, active, price, sku);
