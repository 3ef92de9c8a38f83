"""Orders: the type, lines, history, and lists with their filters."""
