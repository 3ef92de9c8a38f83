"""`oms rebuild`: rebuilds a view from the topics beside the live one, compares it, and swaps the two."""
