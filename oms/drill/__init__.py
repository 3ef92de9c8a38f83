"""`oms drill`: proves a promise on the running system, while processes are killed."""
