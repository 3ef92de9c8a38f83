"""GraphQL operations: parsing, validation, limits, execution."""
