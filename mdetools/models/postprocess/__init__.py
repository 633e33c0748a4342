"""What becomes of a prediction after the head."""
