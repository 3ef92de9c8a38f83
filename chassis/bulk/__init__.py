"""Bulk writes and exports as JSON lines, of any length in constant memory."""
