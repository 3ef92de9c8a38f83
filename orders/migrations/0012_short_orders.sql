-- Which units of an order its stores turned out not to have, while some are missing; NULL otherwise. Rows from before say it with
-- the next version of their sourcing.

ALTER TABLE replica_sourcing ADD COLUMN short_of VARCHAR(200) NULL;
