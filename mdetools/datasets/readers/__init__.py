"""Readers: from a file to an array."""
