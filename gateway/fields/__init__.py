"""What every type of the schema is built from: scalars, columns, connections, nodes."""
