"""The search index: its indices, documents, freshness, and news of what it contains."""
