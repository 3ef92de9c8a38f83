"""Places an order: the decision, its rows, and retries while references arrive."""
