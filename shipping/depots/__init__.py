"""Depots: where, when and with which vans shipments are delivered by ourselves."""
