-- An index for each way that customers are listed, in the order of the list, so that no list is sorted when it is asked
-- for. One ALTER, which MySQL does whole or not at all. InnoDB ends each of these with the primary key anyway; it is
-- named because the lists stand on it.

ALTER TABLE customer
    ADD KEY customer_by_age (created_at, customer_id),
    ADD KEY customer_by_last_name (last_name, customer_id),
    ADD KEY customer_by_active_and_age (active, created_at, customer_id),
    ADD KEY customer_by_active_and_last_name (active, last_name, customer_id),
    ADD KEY customer_by_document_and_age (identity_document, created_at, customer_id),
    ADD KEY customer_by_phone_and_age (phone, created_at, customer_id),
    DROP KEY customer_by_identity_document;
