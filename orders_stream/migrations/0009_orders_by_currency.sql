-- Orders in a currency, the newest first: where few are in it, the index of all orders would be read to its end.

CREATE INDEX shown_order_by_currency ON shown_order (currency, placed_at DESC, order_id DESC) WHERE NOT deleted;
