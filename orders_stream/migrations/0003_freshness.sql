-- Until when the read model holds everything that each MySQL database had committed. `progress` says how far the topics
-- were read, which says nothing of a connector that stands still; this does.
CREATE TABLE freshness (
    source text PRIMARY KEY,
    fresh_until timestamptz NOT NULL
);
