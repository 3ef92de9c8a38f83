-- While orders wait for units of a SKU, nobody else is promised any.

ALTER TABLE availability ADD COLUMN has_backorders boolean NOT NULL DEFAULT false;
ALTER TABLE availability ALTER COLUMN available_to_promise SET EXPRESSION AS (
    CASE WHEN has_backorders THEN 0
    ELSE greatest(0, on_hand::bigint - unsellable - committed - reserved - safety_margin) END
);
