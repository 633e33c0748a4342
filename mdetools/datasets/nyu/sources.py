"""Readers of the three layouts in which NYU Depth V2 is passed around. Each has `len()` and `read(index)`."""

import os
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from mdetools.datasets.readers.image import decode_image, read_image
from mdetools.errors import UserError
from mdetools.layouts.nyu import FRAME_ENDING

__all__ = ["FastDepthSource", "Frame", "LabeledMatSource", "PngListSource"]

MEND_H5 = "copy the file again or delete it"
DAMAGED_H5 = (OSError, RuntimeError, KeyError, AttributeError, TypeError, ValueError)  # h5py, by where the damage lies


class Frame(NamedTuple):
    """One image with its depth as it lies on the disk."""

    image: np.ndarray  # (H, W, 3) RGB
    depth: np.ndarray  # float32 (H, W), metres, 0 = hole
    intrinsics: np.ndarray | None  # float32 (3, 3), pixels of this image
    id: str
    path: str


def one_line(error: Exception) -> str:
    """The text of an exception without its line breaks."""
    return " ".join(str(error).split())


class FastDepthSource:
    """The layout of FastDepth (Wofk et al., ICRA 2019): `<data_root>/<split>/**/<id>.h5`, found recursively, sorted.

    Args:
        data_root: folder of the data set.
        split: a folder in it, such as `train` or `val`.

    Raises:
        UserError: if the folder is missing or holds no .h5 file.
    """

    def __init__(self, data_root: str, split: str) -> None:
        self.folder = Path(data_root, split)
        if not self.folder.is_dir():
            raise UserError(
                f"no folder {self.folder}, expected .h5 files in it; set --data-root, or make synthetic data with "
                f"`python tools/make_synthetic.py nyu {data_root}`"
            )
        found = [Path(at, name) for at, _, names in os.walk(self.folder, followlinks=True) for name in names]
        self.paths = sorted(str(path.relative_to(self.folder)) for path in found if path.suffix == FRAME_ENDING)
        if not self.paths:
            raise UserError(
                f"no .h5 file in {self.folder} or its folders ({len(found)} other files), expected <scene>/<id>.h5; "
                f"set --data-root, or make synthetic data with `python tools/make_synthetic.py nyu {data_root}`"
            )

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, index: int) -> Frame:
        """Reads the frame `index`; its depth is not checked yet.

        Raises:
            UserError: if the file is truncated, lacks `rgb` or `depth`, or `rgb` is not uint8 (3, H, W).
        """
        path = str(self.folder / self.paths[index])
        rgb, depth, intrinsics = read_h5(path)
        if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[0] != 3 or not rgb.size:
            raise UserError(f"{path}: rgb is {rgb.dtype} {rgb.shape}, expected uint8 (3, H, W); convert the file")
        if not np.issubdtype(depth.dtype, np.floating):
            raise UserError(f"{path}: depth is {depth.dtype}, expected floating point metres; convert the file")
        image = cv2.merge(list(rgb))  # many times faster than a transposed copy
        name = Path(self.paths[index]).with_suffix("").as_posix()
        return Frame(image, depth.astype(np.float32, copy=False), intrinsics, name, path)


def is_array(found: object) -> bool:
    """Whether what an HDF5 file holds under a name is an array, neither a group nor a single value nor absent."""
    return bool(getattr(found, "shape", None))


def read_h5(path: str) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Reads `rgb`, `depth` and, if there, `intrinsics` (else None) of a .h5 file, as they are.

    Raises:
        UserError: if the file cannot be read or lacks a key.
    """
    import h5py

    from mdetools.datasets.readers.hdf5 import read_array

    try:
        with h5py.File(path, "r") as file:
            missing = [key for key in ("rgb", "depth") if not is_array(file.get(key))]
            if missing:
                found = ", ".join(file) or "nothing"
                raise UserError(
                    f"{path}: no '{missing[0]}' in the file that is an array (found {found}), expected rgb and depth; "
                    f"{MEND_H5}"
                )
            intrinsics = file["intrinsics"][()].astype(np.float32) if "intrinsics" in file else None
            return read_array(file["rgb"]), read_array(file["depth"]), intrinsics
    except DAMAGED_H5 as error:
        raise UserError(f"{path}: not a readable HDF5 file ({one_line(error)}); {MEND_H5}") from error


class LabeledMatSource:
    """The official `nyu_depth_v2_labeled.mat` (HDF5, MATLAB's transposed axes) and `splits.mat`.

    The file is opened on the first read of each process, so that forked workers don't share a handle.

    Args:
        data_root: folder of the two files.
        split: `train` (795 images) or `test` (654).

    Raises:
        UserError: if a file is missing or unreadable, or the split unknown.
    """

    def __init__(self, data_root: str, split: str) -> None:
        self.path = Path(data_root, "nyu_depth_v2_labeled.mat")
        splits = Path(data_root, "splits.mat")
        for path in (self.path, splits):
            if not path.is_file():
                raise UserError(f"no file {path}; get it from the NYU Depth V2 page, or set --data-root to its folder")
        if split not in ("train", "test"):
            raise UserError(f"split '{split}' is not in {splits}; expected train or test")
        self.numbers = read_split(splits, f"{split}Ndxs")
        self.file, self.process = None, -1

    def __getstate__(self) -> dict:
        return {**self.__dict__, "file": None, "process": -1}  # an open handle can't go to a spawned worker

    def __len__(self) -> int:
        return len(self.numbers)

    def read(self, index: int) -> Frame:
        """Reads the frame `index` of the split; its depth is not checked yet.

        Raises:
            UserError: if the .mat file is damaged, lacks `images` or `depths`, or has too few of them.
        """
        number = self.numbers[index]
        name = f"{self.path} (image {number})"
        try:
            file = self.open()
            missing = [key for key in ("images", "depths") if not is_array(file.get(key))]
            if missing:
                raise UserError(f"{self.path}: no '{missing[0]}' in the file (found {', '.join(file)}); {MEND_H5}")
            count = min(len(file["images"]), len(file["depths"]))
            if number > count:
                raise UserError(
                    f"{self.path}: has {count} images with depth, expected {number} or more, as splits.mat names "
                    f"image {number}; {MEND_H5}"
                )
            image, depth = file["images"][number - 1], file["depths"][number - 1]  # (3, W, H), (W, H)
        except DAMAGED_H5 as error:
            raise UserError(f"{name}: not a readable HDF5 file ({one_line(error)}); {MEND_H5}") from error
        if image.ndim != 3 or depth.ndim != 2:
            raise UserError(
                f"{name}: image {image.shape} and depth {depth.shape}, expected (3, W, H), (W, H); {MEND_H5}"
            )
        image, depth = np.ascontiguousarray(image.transpose(2, 1, 0)), np.ascontiguousarray(depth.T, dtype=np.float32)
        return Frame(image, depth, None, f"labeled/{number:04d}", name)

    def open(self):
        """The HDF5 file, opened by this process."""
        import h5py

        if self.process != os.getpid():
            self.file = None  # closes what a fork copied first, or HDF5 would share its file descriptor
            self.file, self.process = h5py.File(self.path, "r"), os.getpid()
        return self.file


def read_split(path: Path, key: str) -> list[int]:
    """The 1-based image numbers that `splits.mat` holds under `key`.

    Raises:
        UserError: if the file cannot be read or lacks the key.
    """
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    try:
        content = loadmat(path)
    except (MatReadError, ValueError, OSError, NotImplementedError) as error:
        raise UserError(f"{path}: not a readable .mat file ({one_line(error)}); copy it again") from error
    if key not in content:
        raise UserError(f"{path}: no '{key}' in the file, expected trainNdxs and testNdxs; copy it again")
    numbers = content[key].ravel()
    if not numbers.size or not np.issubdtype(numbers.dtype, np.number) or not (numbers >= 1).all():
        raise UserError(
            f"{path}: '{key}' is {numbers.dtype} {numbers[:3]}..., expected image numbers from 1; copy it again"
        )
    return [int(number) for number in numbers]


class PngListSource:
    """A list of images with 16-bit depth PNGs, `<data_root>/<split>.txt`, as of BTS (Lee et al., 2019).

    A line is `<rgb> <depth>`, files under `data_root`, which may begin with `/`; further columns (other projects put
    the focal length there) are not read, since NYU has one camera. Depth is millimetres, 0 = hole.

    Args:
        data_root: folder of the files.
        split: name of the list without `.txt`.

    Raises:
        UserError: if the list is missing or empty, or a line of it names no existing files.
    """

    def __init__(self, data_root: str, split: str) -> None:
        self.root = Path(data_root)
        path = self.root / f"{split}.txt"
        if not path.is_file():
            raise UserError(f"no list {path}, expected lines `<rgb> <depth>`; write it, or set --data-root and split")
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{path}: not a readable text file ({one_line(error)}); write it anew as UTF-8") from error
        lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), 1)]
        self.pairs = [self.parse(f"{path}:{number}", fields) for number, fields in lines if fields]
        if not self.pairs:
            raise UserError(f"{path}: the list is empty, expected lines `<rgb> <depth>`")

    def parse(self, place: str, fields: list[str]) -> tuple[str, str]:
        """The two files, relative to the root, that one line names."""
        if len(fields) < 2:
            raise UserError(f"{place}: found '{' '.join(fields)}', expected `<rgb> <depth>`; mend the line")
        rgb, depth = (field.lstrip("/") for field in fields[:2])
        for name in (rgb, depth):
            if not (self.root / name).is_file():
                raise UserError(f"{place}: names {name}, which is not in {self.root}; mend the line or set --data-root")
        return rgb, depth

    def __len__(self) -> int:
        return len(self.pairs)

    def read(self, index: int) -> Frame:
        """Reads the pair `index`; its depth is not checked yet.

        Raises:
            UserError: if a file cannot be decoded, or the depth is not 16-bit with one channel.
        """
        rgb, depth = self.pairs[index]
        image = read_image(self.root / rgb)
        millimetres = decode_image(self.root / depth)
        path = str(self.root / depth)
        if millimetres.dtype != np.uint16 or millimetres.ndim != 2:
            raise UserError(
                f"{path}: is {millimetres.dtype} {millimetres.shape}, expected a 16-bit PNG with one channel, in "
                "millimetres; convert the file"
            )
        name = Path(rgb).with_suffix("").as_posix()
        return Frame(image, millimetres / np.float32(1000), None, name, path)
