"""What tests share: one builder of each kind."""
