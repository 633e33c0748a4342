"""Targets: each module has a list `TARGETS`."""
