"""Shipments by event sourcing: their events, the rows these lead to, the carriers' reports."""
