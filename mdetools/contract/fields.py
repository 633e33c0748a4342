"""What may stand in a sample: one table that transforms, packing, collation, preprocessing and tests read.

A plugin adds a line, and its key is resized, flipped, cropped, packed and collated like those that are here:

>>> FIELDS["normals"] = Field("map", torch.float32, "3HW", mirror=(-1, 1, 1))
>>> del FIELDS["normals"]
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch

from mdetools.errors import UserError, suggest

__all__ = ["FIELDS", "Field", "check_known", "names_of"]

Kind = Literal["image", "map", "camera", "value", "points", "device", "channels", "text"]


@dataclass(frozen=True)
class Field:
    """What one key of a sample is.

    Attributes:
        kind: `image`: uint8, or float32 in 0..255 where `Resize` prepares it for evaluation; resized smoothly, float32
            in [0, 1] on the device. `map`: a value per pixel, resized to the nearest. `camera`: a matrix (3, 3) that
            follows the image. `value`: of the whole image, which no transform of pixels changes. `points`: pixel
            positions (x, y) along the last axis, which follow the image; entries that leave it are dropped. `device`:
            made on the device by a batch step. `channels`: likewise, of the image's size; they stand behind the image's
            own channels in what the model gets, in the table's order. `text`: strings.
        dtype: of the tensor; None for text.
        layout: its shape without the batch's axis: an axis per character, or separated by spaces where a size has two
            digits, as in "12 H W"; letters are sizes that differ between samples.
        hole: what stands where nothing is known.
        mirror: for a map, the factor of each channel when left and right change places.
        on_host: whether it stays on the CPU when the batch goes to the device.
        augmented: for an image, whether transforms of colour change it.
    """

    kind: Kind
    dtype: torch.dtype | None
    layout: str = ""
    hole: float = math.nan
    mirror: tuple[float, ...] | None = None
    on_host: bool = False
    augmented: bool = True

    @property
    def axes(self) -> list[str]:
        """The axes of the layout: numbers, or letters."""
        return self.layout.split() if " " in self.layout else list(self.layout)

    @property
    def channels(self) -> int:
        """Of an image or a map."""
        return int(self.axes[0])


FIELDS: dict[str, Field] = {
    "image": Field("image", torch.uint8, "3HW", hole=0),
    "image_right": Field("image", torch.uint8, "3HW", hole=0),  # of a rectified pair; all black: there is none
    "image_clean": Field("image", torch.uint8, "3HW", hole=0, augmented=False),  # the same crop, for a teacher
    "depth": Field("map", torch.float32, "1HW", hole=0),  # metres along the optical axis
    "inverse_depth": Field("map", torch.float32, "1HW", hole=0),  # relative, of unknown scale and shift
    "valid_mask": Field("map", torch.bool, "1HW", hole=False),  # the only source of validity
    "sky": Field("map", torch.bool, "1HW", hole=False),  # infinitely far; as depth it stays invalid, see InverseDepth
    "region": Field("map", torch.int64, "1HW", hole=0),  # which source image a pixel comes from after CutMix
    "semantic": Field("map", torch.int64, "1HW", hole=255),  # class of each pixel
    "intrinsics": Field("camera", torch.float32, "33"),  # pixels of the current image
    "baseline": Field("value", torch.float32),  # metres between the cameras of a rectified pair
    "size": Field("value", torch.int64, "2", hole=0, on_host=True),  # (height, width), what the image shows, as loaded
    "label": Field("value", torch.int64, hole=-1),  # class of the whole image
    "unlabelled": Field("value", torch.bool, hole=False),
    "point_pairs": Field("points", torch.float32, "N22"),  # (x, y) in pixels of the current image, the closer one first
    "features": Field("device", torch.float32, "Chw"),  # of a frozen network
    "depth_channel": Field("channels", torch.float32, "1HW", hole=0),  # inverse depth, mean 0 and deviation 1 per image
    "meta": Field("text", None),  # strings only; "id" is always there
}


def names_of(sample: Iterable[str], *kinds: Kind) -> list[str]:
    """The keys of a sample that are of one of these kinds, in the table's order.

    >>> names_of({"depth": ..., "image": ..., "meta": ...}, "image", "map")
    ['image', 'depth']
    """
    found = set(sample)
    return [name for name, field in FIELDS.items() if field.kind in kinds and name in found]


def check_known(sample: Mapping, what: str) -> None:
    """Checks that the table knows every key of a sample.

    Args:
        sample: with any values.
        what: names the sample in the error.

    Raises:
        UserError: at the first key that it does not know.
    """
    for name in sample:
        if name not in FIELDS:
            raise UserError(
                f"{what} has the key '{name}', which mdetools.contract.FIELDS does not know; {suggest(name, FIELDS)} "
                "A field of your own: FIELDS['name'] = Field(...), where its data set is registered"
            )
