"""`oms shipping`: the events of shipments, replayed and verified."""
