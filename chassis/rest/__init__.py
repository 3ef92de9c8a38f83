"""REST resources: idempotency keys, ETags, paginated lists, merge patches."""
