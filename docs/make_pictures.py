"""Makes the pictures of the documentation, by the commands that its pages tell: python docs/make_pictures.py [FOLDER]

Scenes are ray-cast, predictions are mdetools-tiny's; no photograph is in them. Two minutes on two cores. Those of the
first training and of the page on tasks downstream of depth take trainings, some minutes more: python
docs/make_pictures.py --trained [FOLDER]
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import h5py
import numpy as np

__all__ = ["WIDTHS", "main"]

FOLDER = Path(__file__).resolve().parent / "pictures"
WIDTHS = {"tiny": 1000, "rooms": 1000, "streets": 1000, "worlds": 1000, "compared": 800, "views": 900}  # pixels
TRAINED = {"quickstart": 1000, "layouts": 1000, "hits": 900, "segments": 900}  # likewise
QUALITY = 82
STREETS = "kitti/2011_09_26"  # below it a folder of each drive

COMMANDS = """
synthetic nyu rooms --train 16 --val 4 --preview
synthetic nyu sensed --train 4 --val 2 --sensor
synthetic kitti kitti --train 16 --val 0 --preview
synthetic worlds worlds --train 0 --val 16 --seed 21 --preview
"""
AFTER = """
infer bedroom.png office.png street.png road.png --out out
compare bedroom.png office.png --models mdetools-tiny --truth bedroom.npy office.npy --out compared.png
browse dav2/vits_nyu --data-root sensed --views 4 --count 1 --out views.png
"""
QUICKSTART = """
synthetic nyu data/nyu_quickstart --train 2000 --val 100
train tiny/nyu_quickstart --work-dir quickstart
test tiny/nyu_quickstart quickstart/best_abs_rel.pth --work-dir quickstart --show-dir quickstart/pictures
"""
DOWNSTREAM = """
synthetic shapes layouts --train 700 --val 350 --preview
pseudo-label relative/tiny mdetools-tiny layouts/train layouts/predicted/train --no-flip
pseudo-label relative/tiny mdetools-tiny layouts/val layouts/predicted/val --no-flip
train downstream/classification_rgbd_small --data-root layouts --work-dir rgbd
test downstream/classification_rgbd_small rgbd/epoch_8.pth --data-root layouts --work-dir rgbd --show-dir hits
synthetic segmentation rooms --scenes rooms --size 96x128 --train 200 --val 100 --seed 11
train downstream/segmentation_rooms_small --data-root rooms --work-dir classes --cfg-options pretrained.checkpoint=TINY
test downstream/segmentation_rooms_small classes/epoch_20.pth --data-root rooms --work-dir classes --show-dir panels
"""


def main(folder: Path, trained: bool = False) -> None:
    """Writes one JPEG for each of `WIDTHS`, or of `TRAINED`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        for name, picture in (trainings(work) if trained else pictures(work)).items():
            write(folder / f"{name}.jpg", picture, (WIDTHS | TRAINED)[name])


def run(commands: str, work: Path) -> None:
    """Runs commands of mdetools, one a line, in a folder."""
    for line in commands.strip().splitlines():
        subprocess.run([sys.executable, "-m", "mdetools", *line.split()], cwd=work, check=True)


def take_scenes(work: Path) -> None:
    """Writes two rooms as picture and depth in metres, and two streets."""
    for name, frame in (("bedroom", "train/room_00003/00000"), ("office", "train/room_00007/00000")):
        with h5py.File(work / "rooms" / f"{frame}.h5") as file:
            cv2.imwrite(str(work / f"{name}.png"), file["rgb"][:].transpose(1, 2, 0)[..., ::-1])
            np.save(work / f"{name}.npy", file["depth"][:])
    for name, frame in (
        ("street", "0005_sync/image_02/data/0000000000"),
        ("road", "0007_sync/image_02/data/0000000002"),
    ):
        (work / STREETS / f"2011_09_26_drive_{frame}.png").rename(work / f"{name}.png")


def trainings(work: Path) -> dict[str, np.ndarray]:
    """The pictures that take trainings, by name, BGR (H, W, 3), in any size."""
    run(QUICKSTART + DOWNSTREAM.replace("TINY", "mdetools-tiny"), work)
    rooms = read(work / "quickstart" / "pictures" / "overview.png")
    return {
        "quickstart": rooms[: rooms.shape[0] // 2],
        "layouts": read(work / "layouts" / "preview.png"),
        "hits": read(work / "hits" / "hits_and_misses.png"),
        "segments": read(work / "panels" / "overview.png"),
    }


def pictures(work: Path) -> dict[str, np.ndarray]:
    """The pictures by name, BGR (H, W, 3), in any size."""
    run(COMMANDS, work)
    take_scenes(work)
    run(AFTER, work)
    predicted = [read(work / "out" / f"{name}_inverse_depth.png") for name in ("bedroom", "office", "street", "road")]
    first_row = np.hstack(predicted[:2])
    rows = [first_row, *(scaled(one, first_row.shape[1]) for one in predicted[2:])]
    streets = read(work / "kitti" / "preview.png")
    height = streets.shape[0] // 16
    shown = [streets[row * height : (row + 1) * height] for row in (0, 4, 8, 12)]
    return {
        "tiny": np.vstack(rows),
        "rooms": read(work / "rooms" / "preview.png"),
        "streets": np.vstack(shown),
        "worlds": read(work / "worlds" / "preview.png"),
        "compared": read(work / "compared.png"),
        "views": read(work / "views.png"),
    }


def read(path: Path) -> np.ndarray:
    """A picture that a command wrote."""
    picture = cv2.imread(str(path))
    assert picture is not None, path
    return picture


def scaled(picture: np.ndarray, width: int) -> np.ndarray:
    """The picture (H, W, 3) at another width."""
    height = round(picture.shape[0] * width / picture.shape[1])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def write(path: Path, picture: np.ndarray, width: int) -> None:
    """Writes a small JPEG."""
    options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    cv2.imwrite(str(path), scaled(picture, width), options)


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--trained"]
    main(Path(words[0]) if words else FOLDER, "--trained" in sys.argv)
