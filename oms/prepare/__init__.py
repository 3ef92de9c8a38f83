"""`oms prepare`: creates the databases, accounts and topics that the services need."""
