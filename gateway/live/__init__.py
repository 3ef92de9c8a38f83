"""Live orders: subscriptions fed by the topic `orders-graph`."""
