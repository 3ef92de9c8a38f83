"""`oms demo`: follows one order through the system."""
