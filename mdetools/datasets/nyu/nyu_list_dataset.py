"""NYU Depth V2 (Silberman et al., ECCV 2012) as a list of images and depth PNGs."""

from pathlib import Path

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.nyu.sample import nyu_sample
from mdetools.datasets.readers.image import read_image
from mdetools.datasets.readers.png16 import read_png16
from mdetools.errors import UserError, one_line
from mdetools.reading import is_file, read_lines
from mdetools.registry import DATASETS

__all__ = ["NYUListDataset"]

MILLIMETRES = 1000


@DATASETS.register_module()
class NYUListDataset(BaseDataset):
    """Images with 16-bit depth PNGs that `<data_root>/<split>.txt` lists, as in BTS (Lee et al., 2019).

    A line is `<rgb> <depth>`, files under `data_root`, which may begin with `/`; further columns (other projects put
    the focal length there) are not read, since NYU has one camera. Depth is millimetres, 0 = hole.

    Args:
        data_root: folder of the files.
        split: name of the list without `.txt`.
        pipeline: configs of transforms, see `BaseDataset`.

    Raises:
        UserError: if the list is missing or empty, or a line of it names no existing files.
    """

    depth_scale = MILLIMETRES

    def __init__(self, data_root: str, split: str = "train", pipeline: Pipeline = ()) -> None:
        super().__init__(pipeline)
        self.root = Path(data_root)
        path = self.root / f"{split}.txt"
        if not is_file(path):
            raise UserError(f"no list {path}, expected lines `<rgb> <depth>`; write it, or set --data-root and split")
        text = read_lines(path, "lines `<rgb> <depth>`")
        lines = [(number, line.split()) for number, line in enumerate(text, 1)]
        self.pairs = [self.parse(f"{path}:{number}", words) for number, words in lines if words]
        if not self.pairs:
            raise UserError(f"{path}: the list is empty, expected lines `<rgb> <depth>`")

    def parse(self, place: str, words: list[str]) -> tuple[str, str]:
        """The two files, relative to the root, that one line names."""
        if len(words) < 2:
            raise UserError(
                f"{place}: found '{one_line(' '.join(words), 100)}', expected `<rgb> <depth>`; fix the line"
            )
        rgb, depth = (word.lstrip("/") for word in words[:2])
        for name in (rgb, depth):
            if not is_file(self.root / name):
                found = one_line(name, 300)
                raise UserError(f"{place}: names {found}, which is not in {self.root}; fix the line or set --data-root")
        return rgb, depth

    def __len__(self) -> int:
        return len(self.pairs)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if a file cannot be decoded, or the depth is not 16-bit with one channel or not of the image's
                size.
        """
        rgb, depth = self.pairs[index]
        image, metres = read_image(self.root / rgb), read_png16(self.root / depth, MILLIMETRES)
        return nyu_sample(image, metres, None, Path(rgb).with_suffix("").as_posix(), str(self.root / depth))
