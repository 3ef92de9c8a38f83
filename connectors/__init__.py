"""The Kafka Connect source connectors, one JSON file each, and the process that registers and monitors them."""
