-- Who receives deliveries at an address.

ALTER TABLE address
    ADD COLUMN recipient text,
    ADD COLUMN company text,
    ADD COLUMN phone text;
