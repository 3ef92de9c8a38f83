"""What is sent and accepted: bodies, their JSON, media types, and the headers `Accept`."""
