"""The stock in Redis, in front of MySQL: refuses early what is sold out, and promises nothing."""
