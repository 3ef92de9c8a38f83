-- The indexes of incremental reads: the rows that were updated in a range of time, in the order of their updates.

ALTER TABLE customer
    ADD KEY customer_by_update (updated_at, customer_id);

ALTER TABLE address
    ADD KEY address_by_customer_and_update (customer_id, updated_at, address_id);
