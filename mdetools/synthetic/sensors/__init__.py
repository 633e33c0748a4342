"""Sensors: a depth camera, a laser scanner, the car of KITTI."""
