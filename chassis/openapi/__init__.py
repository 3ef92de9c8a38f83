"""The OpenAPI documents of the services."""
