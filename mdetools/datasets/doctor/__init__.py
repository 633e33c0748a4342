"""The data doctor: says what is wrong with a data set before a training run finds out."""
