-- The sum of the lines is the subtotal: the total is what is to be paid, with freight, and is not stored. The last file of
-- its release, since processes of the former one fail from here on; those before it take long where there are many orders.

ALTER TABLE `order` RENAME COLUMN total TO subtotal;
