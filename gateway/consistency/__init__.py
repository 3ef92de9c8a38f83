"""Read-your-own-writes, and the freshness of answers."""
