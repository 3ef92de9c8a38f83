"""The fast path: an operation compiled to one SQL statement that builds the answer's JSON in Postgres."""
