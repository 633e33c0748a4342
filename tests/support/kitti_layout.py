"""A tiny data set in KITTI's raw layout, written by hand, with its calibration as plain numbers."""

import cv2
import numpy as np

DATE, DRIVE = "2011_09_26", "2011_09_26/2011_09_26_drive_0001_sync"
HEIGHT, WIDTH, DISPARITY = 30, 64, 5
FOCAL, CX, CY = 60.0, 31.2, 14.7
# Fourth columns of P_rect: focal x offset (0.06 and -0.47 m from camera 0), and small shifts as in the real files.
P_RECT = {
    2: np.array([[FOCAL, 0, CX, FOCAL * 0.06], [0, FOCAL, CY, 0.2], [0, 0, 1, 0.003]]),
    3: np.array([[FOCAL, 0, CX, FOCAL * -0.47], [0, FOCAL, CY, 1.1], [0, 0, 1, 0.002]]),
}
BASELINE = 0.53


def rotation(axis, angle):
    """Rotation matrix about a vector, from Rodrigues' formula as OpenCV has it."""
    return cv2.Rodrigues(angle * np.asarray(axis, float) / np.linalg.norm(axis))[0]


R_RECT = rotation([1, 2, -1], 0.02)
R_VELODYNE = rotation([2, -1, 1], 0.03) @ np.array([[0.0, -1, 0], [0, 0, -1], [1, 0, 0]])
T_VELODYNE = np.array([-0.004, -0.07, -0.27])


def calibration_lines():
    """The two calibration files, as lists of lines."""

    def line(key, values):
        return f"{key}: " + " ".join(f"{value:.12e}" for value in np.ravel(values))

    cameras = ["calib_time: 09-Jan-2012 13:57:47", line("S_rect_02", [WIDTH, HEIGHT]), line("R_rect_00", R_RECT)]
    cameras += [line(f"P_rect_0{camera}", matrix) for camera, matrix in P_RECT.items()]
    scanner = ["calib_time: 15-Mar-2012 11:37:16", line("R", R_VELODYNE), line("T", T_VELODYNE)]
    return {"calib_cam_to_cam.txt": cameras, "calib_velo_to_cam.txt": scanner}


def write_calibration(root, date=DATE, drop=None, **change):
    """Writes a date's files; `drop` leaves out a key, `change` puts other text in place of a key's numbers."""
    (root / date).mkdir(parents=True, exist_ok=True)
    for name, lines in calibration_lines().items():
        parts = [line.split(": ", 1) for line in lines]
        text = "\n".join(f"{key}: {change.get(key, value)}" for key, value in parts if key != drop)
        (root / date / name).write_text(text + "\n")


def pair_images(seed=0, shape=(HEIGHT, WIDTH)):
    """Left and right RGB images of a plane in front: left(x) = right(x - DISPARITY)."""
    right = np.random.default_rng(seed).integers(0, 256, (*shape, 3), dtype=np.uint8)
    return np.roll(right, DISPARITY, axis=1), right


def image_path(root, number, camera, ending=".png", drive=DRIVE):
    """Where an image lies."""
    return root / drive / f"image_0{camera}" / "data" / f"{number:010d}{ending}"


def write_image(path, rgb):
    """Writes an RGB image, or a 16-bit map, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), rgb[..., ::-1] if rgb.ndim == 3 else rgb)
    return path


def scan_points(seed=0, count=600):
    """A scan all around the scanner: float32 (count, 4)."""
    rng = np.random.default_rng(seed)
    xyz = rng.normal(size=(count, 3)) * [12, 5, 2]
    return np.concatenate([xyz, rng.uniform(size=(count, 1))], 1).astype(np.float32)


def scan_path(root, number, drive=DRIVE):
    """Where a scan lies."""
    return root / drive / "velodyne_points" / "data" / f"{number:010d}.bin"


def write_frame(root, number, ending=".png", drive=DRIVE):
    """Writes a pair and its scan; both follow from the number."""
    for camera, image in zip((2, 3), pair_images(number), strict=True):
        write_image(image_path(root, number, camera, ending, drive), image)
    path = scan_path(root, number, drive)
    path.parent.mkdir(parents=True, exist_ok=True)
    scan_points(number).tofile(path)


def write_kitti(root, numbers=(3, 4, 12), sides="l"):
    """Writes a data set with a split `train` of all its frames."""
    write_calibration(root)
    for number in numbers:
        write_frame(root, number)
    (root / "train.txt").write_text("".join(f"{DRIVE} {number} {side}\n" for number in numbers for side in sides))
    return root


def split_of(root, *lines):
    """Writes a split of the drive's `<frame> <side>` and returns its name."""
    (root / "some.txt").write_text("".join(f"{DRIVE} {line}\n" for line in lines))
    return "some"


def projected(points, camera, height=HEIGHT, width=WIDTH, offset=0):
    """Sparse depth point by point, in float64: where R_rect, P_rect and the scanner's pose say, the nearest wins."""
    depth = np.zeros((height, width))
    for x, y, z in points[:, :3].astype(np.float64):
        rectified = R_RECT @ (R_VELODYNE @ [x, y, z] + T_VELODYNE)
        u, v, w = P_RECT[camera][:, :3] @ rectified + P_RECT[camera][:, 3]
        if w <= 0:
            continue
        column, row = int(np.round(u / w)) - offset, int(np.round(v / w)) - offset
        seen = 0 <= column < width and 0 <= row < height
        if seen and (depth[row, column] == 0 or w < depth[row, column]):
            depth[row, column] = w
    return depth
