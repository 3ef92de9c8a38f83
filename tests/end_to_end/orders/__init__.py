"""The road of an order, from a write service to those who read it."""
