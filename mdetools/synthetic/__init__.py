"""Exact ray-cast scenes, and the writers that make data sets of them."""
