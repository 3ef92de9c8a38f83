"""JSON lines in both directions: bulk writes and exports, of any length in constant memory."""
