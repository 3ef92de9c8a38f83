"""The events of a shipment, how they are stored, and the state they lead to. Pure."""
