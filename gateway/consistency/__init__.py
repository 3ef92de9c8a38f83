"""Reading one's own writes, and how fresh an answer is."""
