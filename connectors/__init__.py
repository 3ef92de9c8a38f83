"""The Kafka Connect source connectors, one JSON each, and the process that registers them and keeps them running."""
