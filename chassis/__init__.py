"""The technical base of all services, without business logic."""
