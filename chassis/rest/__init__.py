"""What REST resources share: idempotency keys, ETags, lists by pages, merge patches."""
