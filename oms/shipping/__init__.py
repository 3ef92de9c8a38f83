"""`oms shipping`: the events of shipments and returns, replayed and verified."""
