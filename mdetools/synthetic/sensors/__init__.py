"""Sensors: a depth camera, a laser scanner, the car of KITTI."""

from mdetools.synthetic.sensors.kinect import KinectModel
from mdetools.synthetic.sensors.kitti_car import camera_at, velodyne_at
from mdetools.synthetic.sensors.lidar import scan

__all__ = ["KinectModel", "camera_at", "scan", "velodyne_at"]
