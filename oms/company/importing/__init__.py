"""`oms import`: a company's files into the services."""
