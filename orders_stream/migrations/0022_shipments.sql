-- What is sent to customers: a shipment is one row, with its lines, its parcels and what carriers reported as JSON.

-- A row changes some ten times, mostly its status and its JSON: pages have room.
CREATE TABLE shipment (
    shipment_id uuid PRIMARY KEY,
    order_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    status text NOT NULL,
    location text COLLATE "C" NOT NULL,
    delivery_address_id uuid NOT NULL,
    city text,
    region text,
    country text,
    lines jsonb NOT NULL,
    parcels jsonb NOT NULL,
    tracking jsonb NOT NULL,
    carrier text,
    attempts integer NOT NULL,
    reason text,
    received_by text,
    planned_at timestamptz NOT NULL,
    packed_at timestamptz,
    dispatched_at timestamptz,
    delivered_at timestamptz,
    cancelled_at timestamptz,
    returned_at timestamptz,
    erased_at timestamptz,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX shipment_newest ON shipment (planned_at, shipment_id) WHERE NOT deleted;
CREATE INDEX shipment_by_order ON shipment (order_id, planned_at, shipment_id) WHERE NOT deleted;
CREATE INDEX shipment_by_customer ON shipment (customer_id, planned_at, shipment_id) WHERE NOT deleted;
CREATE INDEX shipment_by_status ON shipment (status, planned_at, shipment_id) WHERE NOT deleted;
CREATE INDEX shipment_by_location ON shipment (location, planned_at, shipment_id) WHERE NOT deleted;
CREATE INDEX shipment_by_location_and_status ON shipment (location, status, planned_at, shipment_id) WHERE NOT deleted;
