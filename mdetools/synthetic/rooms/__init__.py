"""Furnished rooms."""
