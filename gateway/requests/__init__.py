"""GraphQL over HTTP: the request as it was sent, and the response in bytes."""
