"""Shipments: their events, the state these lead to, the commands on them, and their routes."""
