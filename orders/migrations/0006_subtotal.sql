-- The sum of the lines is the subtotal: the total is what is to be paid, with freight, and is not stored.

ALTER TABLE `order` RENAME COLUMN total TO subtotal;
