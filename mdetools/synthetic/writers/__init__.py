"""Writers of data sets."""
