"""Products as JSON lines, imported and exported."""
