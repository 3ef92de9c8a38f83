"""What is available now: read from MySQL, the only place that promises units."""
