"""The delivery days of depots, by events: which van brings which shipment, and when."""
