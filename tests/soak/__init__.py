"""Long mixed load with killed and frozen processes, after which every view must equal MySQL."""
