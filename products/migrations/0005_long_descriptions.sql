-- Shops write descriptions in HTML, of some thousand characters.

ALTER TABLE products MODIFY description TEXT NULL;
