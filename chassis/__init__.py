"""What any service stands on. Knows nothing about the business."""
