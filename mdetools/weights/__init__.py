"""Reading weights: files, formats, and what fits a model; and giving them the names of others."""
