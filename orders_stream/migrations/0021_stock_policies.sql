-- Which SKUs may be back-ordered, and how many units orders wait for already.

CREATE TABLE stock_policy (
    policy_id text COLLATE "C" PRIMARY KEY,
    tracked boolean NOT NULL,
    safety_margin integer NOT NULL,
    backorders text NOT NULL,
    backorder_limit integer,
    lead_time_days integer,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL
);

CREATE INDEX sourcing_that_waits ON sourcing USING gin (lines jsonb_path_ops)
    WHERE status = 'backordered' AND NOT deleted;
