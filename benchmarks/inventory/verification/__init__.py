"""`oms stock verify` of many rows."""
