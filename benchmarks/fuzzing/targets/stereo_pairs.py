"""Your own stereo pairs: lists of them, and their cameras."""

from functools import partial
from pathlib import Path

from support.stereo_pairs import write_pairs

from fuzzing.target import Target
from mdetools.datasets import StereoPairDataset
from mdetools.testing import check_sample

__all__ = ["TARGETS"]

PACK = [dict(type="PackSample")]
BRACKETS = (
    b"cam0=[60 0 31.5; 0 60 14.5; 0 0 1]\ncam1=[60 0 34.5; 0 60 14.5; 0 0 1]\nbaseline=193.001\nwidth=64\nheight=30\n"
)
CAMERAS = {
    "calib.txt": [BRACKETS, BRACKETS + b"doffs=2.25\n", b"focal = 60\nbaseline = 0.5\n"],
    "calib.json": [b'{"fx": 60, "fy": 60, "cx": 31.5, "cy": 14.5, "baseline": 0.5}'],
}


def prepare_list(folder: Path) -> tuple[Path, list[bytes]]:
    write_pairs(folder / "my pairs", ("1", "2"))
    line = ["my pairs/left/{0}.png", "my pairs/right/{0}.png", "my pairs/disparity/{0}.png", "60", "0.5"]
    texts = ["\n".join(",".join(line).format(number) for number in (1, 2))]
    texts += ["left,right,disparity,focal,baseline\n" + texts[0], texts[0].replace(",", "\t")]
    return folder / "pairs.csv", [text.encode() for text in texts]


def read_list(path: Path) -> None:
    dataset = StereoPairDataset(str(path.parent), path.name, depth_scale=256.0, pipeline=PACK)
    check_sample(dataset[0], "pairs")


def prepare_cameras(name: str, folder: Path) -> tuple[Path, list[bytes]]:
    write_pairs(folder / "train", ("1",))
    return folder / name, CAMERAS[name]


def read_cameras(path: Path) -> None:
    dataset = StereoPairDataset(str(path.parent), depth="disparity", depth_scale=256.0, pipeline=PACK)
    check_sample(dataset[0], "pairs")


TARGETS = [
    Target("pairs.csv", prepare_list, read_list, text=True),
    *(Target(name, partial(prepare_cameras, name), read_cameras, text=True) for name in CAMERAS),
]
