-- What comes back of orders, and what is refunded for it: a return is one row, with its lines as JSON.

CREATE TABLE order_return (
    return_id uuid PRIMARY KEY,
    order_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    origin text NOT NULL,
    shipment_id uuid,
    status text NOT NULL,
    rma_number text,
    location text COLLATE "C",
    reason text,
    lines jsonb NOT NULL,
    refund_amount numeric(19, 4),
    refund_freight numeric(19, 4),
    currency text,
    refund_reference text,
    requested_at timestamptz NOT NULL,
    authorised_at timestamptz,
    refused_at timestamptz,
    cancelled_at timestamptz,
    received_at timestamptz,
    refund_approved_at timestamptz,
    refunded_at timestamptz,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX order_return_newest ON order_return (requested_at, return_id) WHERE NOT deleted;
CREATE INDEX order_return_by_order ON order_return (order_id, requested_at, return_id) WHERE NOT deleted;
CREATE INDEX order_return_by_customer ON order_return (customer_id, requested_at, return_id) WHERE NOT deleted;
CREATE INDEX order_return_by_status ON order_return (status, requested_at, return_id) WHERE NOT deleted;
