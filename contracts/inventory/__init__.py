"""The topics of inventory, one module for each subject. All are rows with a version, so duplicates are harmless."""
