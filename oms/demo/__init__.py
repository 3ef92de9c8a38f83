"""`oms demo`: the story of one order."""
