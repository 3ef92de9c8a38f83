"""GraphQL over the read model and the product search: read only."""
