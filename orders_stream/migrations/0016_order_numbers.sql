-- The number by which people name an order. Not unique here: rows arrive in any order, and old ones have none yet.

ALTER TABLE heard_order ADD COLUMN number bigint;
ALTER TABLE unpublished_order ADD COLUMN number bigint;
ALTER TABLE shown_order ADD COLUMN number bigint;
CREATE INDEX shown_order_by_number ON shown_order (number) WHERE NOT deleted;
