"""Central's view of every store's stock: availability, reservations, and the sourcing of orders."""
