"""All orders as JSON lines: exported with their history, and made anew from an export."""
