"""What fails, dies, is lost, or is spoilt by hand."""
