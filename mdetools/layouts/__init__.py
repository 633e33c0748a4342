"""Paths and cameras of data sets that mdetools both reads and writes."""
