"""`oms stock` and `oms stores`: what is in stock, corrections, new stores, and whether everything agrees."""
