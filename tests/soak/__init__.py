"""Mixed load for as long as one likes, with processes killed and frozen meanwhile; then every view must equal MySQL."""
