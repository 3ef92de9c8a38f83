"""Orders and their sourcing as they arrived, and which customers were deleted."""
