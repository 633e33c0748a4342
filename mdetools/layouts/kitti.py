"""Where the files of KITTI raw (Geiger et al., "Vision meets robotics", IJRR 2013) lie, and the lines of its splits.

Paths are relative to the root of the data. A drive is written `<date>/<folder>`, for instance
`2011_09_26/2011_09_26_drive_0001_sync`; all drives of a date share the calibration files in the date's folder.
"""

__all__ = [
    "CAMERAS_FILE",
    "LEFT",
    "RIGHT",
    "VELODYNE_FILE",
    "annotated_path",
    "disparity_path",
    "drive_path",
    "frame_name",
    "image_folder",
    "image_path",
    "scan_path",
    "split_line",
]

LEFT = 2  # the colour cameras, as KITTI counts them
RIGHT = 3
CAMERAS_FILE = "calib_cam_to_cam.txt"  # in the date's folder
VELODYNE_FILE = "calib_velo_to_cam.txt"


def drive_path(date: str, number: int) -> str:
    """Folder of a drive.

    >>> drive_path("2011_09_26", 1)
    '2011_09_26/2011_09_26_drive_0001_sync'
    """
    return f"{date}/{date}_drive_{number:04d}_sync"


def frame_name(number: int) -> str:
    """Name of a frame's files, without ending."""
    return f"{number:010d}"


def image_folder(drive: str, camera: int) -> str:
    """Folder of the images of a camera, `LEFT` or `RIGHT`."""
    return f"{drive}/image_{camera:02d}/data"


def image_path(drive: str, number: int, camera: int, ending: str = ".png") -> str:
    """An image.

    >>> image_path("2011_09_26/2011_09_26_drive_0001_sync", 7, LEFT)
    '2011_09_26/2011_09_26_drive_0001_sync/image_02/data/0000000007.png'
    """
    return f"{image_folder(drive, camera)}/{frame_name(number)}{ending}"


def scan_path(drive: str, number: int) -> str:
    """A scan of the velodyne: float32 x, y, z, reflectance per point."""
    return f"{drive}/velodyne_points/data/{frame_name(number)}.bin"


def annotated_path(drive: str, number: int, camera: int) -> str:
    """A depth map of the depth completion set (Uhrig et al., 3DV 2017), metres x 256."""
    return f"{drive}/proj_depth/groundtruth/image_{camera:02d}/{frame_name(number)}.png"


def disparity_path(drive: str, number: int) -> str:
    """A disparity map of the left image, relative to the root of the disparity maps, which has no folders for dates."""
    return f"{drive.split('/')[1]}/{frame_name(number)}.png"


def split_line(drive: str, number: int, side: str) -> str:
    """The line of a split that names one frame, seen from its left (`l`) or right (`r`) side.

    >>> split_line("2011_09_26/2011_09_26_drive_0001_sync", 7, "l")
    '2011_09_26/2011_09_26_drive_0001_sync 7 l'
    """
    return f"{drive} {number} {side}"
