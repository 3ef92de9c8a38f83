"""Kafka processes and clients: the worker, its health, producers, offsets."""
