-- Depots, and the window in which a van of one brings a shipment.

CREATE TABLE depot (
    depot text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    zone text NOT NULL,
    opens text NOT NULL,
    closes text NOT NULL,
    parallel_deliveries integer NOT NULL,
    vans jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL
);

ALTER TABLE shipment
    ADD COLUMN depot text COLLATE "C",
    ADD COLUMN delivery_date text COLLATE "C",
    ADD COLUMN van text,
    ADD COLUMN window_from timestamptz,
    ADD COLUMN window_to timestamptz,
    ADD COLUMN window_zone text;
CREATE INDEX shipment_by_delivery_day ON shipment (depot, delivery_date, window_from, shipment_id)
    WHERE depot IS NOT NULL AND NOT deleted;
