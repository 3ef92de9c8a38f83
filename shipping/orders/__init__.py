"""What becomes of an order's shipments when the order, its sourcing or its customer changes."""
