-- Customers may have no email address and no names: guests, companies. An import finds those without an email address by
-- all their values, of which the index has the beginnings.

ALTER TABLE customer
    MODIFY name VARCHAR(200) NULL,
    MODIFY last_name VARCHAR(200) NULL,
    MODIFY email VARCHAR(320) COLLATE utf8mb4_bin NULL,
    ADD KEY customer_by_values (email, last_name(20), company(20), name(20), phone(20));
