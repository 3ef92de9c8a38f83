"""GraphQL over HTTP: requests as they are sent, and responses as bytes."""
