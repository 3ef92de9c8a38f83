-- A delivery may be for somebody else than the customer, at a company, with a phone number for the carrier.

ALTER TABLE address
    ADD COLUMN recipient VARCHAR(200) NULL AFTER customer_id,
    ADD COLUMN company VARCHAR(200) NULL AFTER recipient,
    ADD COLUMN phone VARCHAR(50) NULL AFTER company;
