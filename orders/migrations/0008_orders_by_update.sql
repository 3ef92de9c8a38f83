-- Orders in the order of their last change, for clients that keep a copy.

ALTER TABLE `order` ADD KEY order_by_update (updated_at, order_id);
