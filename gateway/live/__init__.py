"""Live orders, shipments and stock: subscriptions fed by the topics `orders-graph`, `shipment` and `availability`."""
