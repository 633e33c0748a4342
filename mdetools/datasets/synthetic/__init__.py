"""Exact ray-cast scenes: primitives, materials, sampled rooms, a depth sensor, and the writer of data sets."""
