-- The system that an order's number is from. The default is that of MySQL, so the rows that are here already are right.

ALTER TABLE heard_order ADD COLUMN source text DEFAULT '';

ALTER TABLE shown_order ADD COLUMN source text DEFAULT '';
