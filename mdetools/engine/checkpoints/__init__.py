"""Writing checkpoints and going on from them."""
