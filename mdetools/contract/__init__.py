"""The data contract: what travels between data sets, models, losses and metrics."""
