-- A number by which people name an order. The orders that are here get numbers by their age. The rows change without being
-- in the binlog, so views hear of them by `version = version + 1`: see docs/changing-a-table.md.

ALTER TABLE `order`
    ADD COLUMN number BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    ADD UNIQUE KEY order_number (number),
    AUTO_INCREMENT = 1001;
