-- Versions of orders that a newer one has superseded before others were told of them. A version stays here until it is
-- published, or can no longer be. Same columns as heard_order, in the same order.
CREATE TABLE unpublished_order (LIKE heard_order INCLUDING DEFAULTS, PRIMARY KEY (order_id, version));

-- For each partition number, which orders its last transaction left to be published, and which transaction that was. A
-- worker that did not write it cannot know whether they were, and publishes them before it writes anything newer.
CREATE TABLE publishing (
    partition integer PRIMARY KEY,
    transaction_id uuid NOT NULL,
    order_ids uuid[] NOT NULL
);
-- Random bytes do not get smaller, so Postgres need not try.
ALTER TABLE publishing ALTER COLUMN order_ids SET STORAGE EXTERNAL;
