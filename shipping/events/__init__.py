"""How events are stored: their types and versions, and the streams that they are appended to."""
