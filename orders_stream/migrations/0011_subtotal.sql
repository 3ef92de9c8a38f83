-- The sum of the lines is the subtotal. Lists are filtered and sorted by the total, which is what is to be paid.

ALTER TABLE heard_order RENAME COLUMN total TO subtotal;
ALTER TABLE unpublished_order RENAME COLUMN total TO subtotal;

DROP INDEX shown_order_by_total;
ALTER TABLE shown_order RENAME COLUMN total TO subtotal;
ALTER TABLE shown_order ADD COLUMN total numeric(20, 4) NOT NULL GENERATED ALWAYS AS (subtotal + freight) STORED;
CREATE INDEX shown_order_by_total ON shown_order (total DESC, order_id DESC) WHERE NOT deleted;
