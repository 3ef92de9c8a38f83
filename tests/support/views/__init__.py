"""The views in tests: written, rebuilt, compared, searched."""
