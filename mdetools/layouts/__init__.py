"""Paths and cameras of the KITTI and NYU layouts, which readers and the synthetic writers share."""
