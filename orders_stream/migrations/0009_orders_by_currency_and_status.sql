-- Orders in a currency, the newest and the highest totals first, and those in a state by their totals: where few fit,
-- the indexes of all orders would be read to their end.

CREATE INDEX shown_order_by_currency ON shown_order (currency, placed_at DESC, order_id DESC) WHERE NOT deleted;

CREATE INDEX shown_order_by_currency_and_total ON shown_order (currency, total DESC, order_id DESC) WHERE NOT deleted;

CREATE INDEX shown_order_by_status_and_total ON shown_order (status, total DESC, order_id DESC) WHERE NOT deleted;
