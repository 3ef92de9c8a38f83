-- Orders and customers by their last change, so that a client can read what changed since; orders by the number that they
-- had elsewhere, which only imported orders have; all categories in their order.

CREATE INDEX shown_order_by_update ON shown_order (updated_at DESC, order_id DESC) WHERE NOT deleted;

CREATE INDEX shown_order_by_external_id ON shown_order (external_id) WHERE external_id IS NOT NULL AND NOT deleted;

CREATE INDEX customer_by_update ON customer (updated_at DESC, customer_id DESC) WHERE NOT deleted;

CREATE INDEX category_in_order ON category (position, slug) WHERE NOT deleted;
