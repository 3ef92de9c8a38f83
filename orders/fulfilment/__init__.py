"""How the shipments of an order move its status."""
