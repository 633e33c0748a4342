"""Reading weights: files, formats, and what fits a model."""
