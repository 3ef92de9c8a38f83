"""All orders as JSON lines: export with their history, and import of such an export."""
