"""What is known of an exported model beside its graph: the JSON that a program needs to run it on a picture.

| key | what |
|---|---|
| `format` | of this layout, 1 |
| `file`, `to`, `precision`, `dynamic` | the graph's file, its format, fp32, fp16 or int8, whether sizes are free |
| `input` | its `name`; `layout` NCHW, `channels` RGB, float32; `size` [H, W], null if free |
| `resize` | least `size` [H, W], `multiple_of`, `keep_aspect`, `interpolation`, `most_pixels`, `type` of its pixels |
| `normalize` | (picture / 255 - `mean`) / `std` |
| `output` | its `name`, `quantity`, `unit`, whether it is `relative`; how it is brought to the picture's size |
| `versions` | of mdetools and what wrote the graph, and `opset` |
| `weights` | the SHA-256 of each file of the checkpoint |
| `check` | how far maps were from those of the model, see `mdetools.apis.export.checking` |

`output.resize` is `aligned` (bilinear, corners aligned), `centred` (bilinear by pixel centres) or null (one value per
picture). If `output.scales_with_width`, values are then multiplied by the picture's width / the map's width, since
disparity is in pixels. `output.range` is [smallest, largest] value, null where there is no bound or it is not known.
"""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from torch import nn

from mdetools import __version__
from mdetools.contract import QUANTITIES
from mdetools.contract.quantities import unchanged
from mdetools.datasets.transforms.geometric import LARGEST, Resize
from mdetools.errors import UserError
from mdetools.geometry import resize_aligned, resize_centred, resize_disparity
from mdetools.registry import TRANSFORMS

__all__ = ["describe", "output_facts", "resize_facts"]

FORMAT = 1
WAYS = {resize_aligned: "aligned", resize_centred: "centred", resize_disparity: "centred", unchanged: None}
WRITERS = {
    "onnx": ("torch", "onnx", "onnxscript", "onnxruntime"),
    "torch_export": ("torch",),
    "torchscript": ("torch",),
}


def resize_facts(config: Mapping) -> dict:
    """The entry `resize` from the config of a `Resize`.

    >>> resize_facts(dict(type="Resize", size=518))["size"]
    [518, 518]
    """
    built: Resize = TRANSFORMS.build(dict(config))
    probe = built({"image": np.zeros((8, 8, 3), np.uint8), "meta": {"id": "a probe"}}, np.random.default_rng(0))
    return {
        "size": list(built.size),
        "multiple_of": built.multiple_of,
        "keep_aspect": built.keep_aspect,
        "interpolation": config.get("interpolation", "cubic"),
        "most_pixels": LARGEST,
        "type": probe["image"].dtype.name,
    }


def output_facts(model: nn.Module, quantity: str) -> dict:
    """The entry `output`.

    Args:
        model: what is exported.
        quantity: what it predicts.

    Raises:
        UserError: if the quantity of a plugin is brought to a picture's size in a way that the JSON has no name for.
    """
    facts = QUANTITIES[quantity]
    if facts.resize not in WAYS:
        raise UserError(
            f"'{quantity}' is resized by a function of its own, expected one of "
            f"{', '.join(way.__name__ for way in WAYS)}, which a description can name; let its line in "
            "mdetools.contract.QUANTITIES have one of them"
        )
    output = getattr(getattr(model, "head", None), "output", None)
    bounds = [getattr(output, name, None) for name in ("min_depth", "max_depth")]
    if bounds[0] is None and bounds[1] is not None:
        bounds[0] = 0.0
    return {
        "name": quantity,
        "quantity": quantity,
        "unit": facts.unit,
        "relative": facts.relative,
        "larger_is_nearer": facts.is_inverse,
        "range": bounds,
        "resize": WAYS[facts.resize],
        "scales_with_width": facts.resize is resize_disparity,
    }


def describe(to: str, sizes, precision: str, resize: Mapping, model: nn.Module, quantity: str) -> dict:
    """The description of an exported model, but for `file`, `weights` and `check`.

    Args:
        to: the format.
        sizes: `mdetools.apis.export.graph.Sizes` of its images.
        precision: "fp32", "fp16" or "int8".
        resize: entry of that name.
        model: what is exported.
        quantity: what it predicts.

    Raises:
        UserError: if there is something that a description does not hold.
    """
    preprocessor = model.data_preprocessor
    return {
        "format": FORMAT,
        "to": to,
        "precision": precision,
        "dynamic": sizes.dynamic,
        "input": {
            "name": "image",
            "layout": "NCHW",
            "channels": "RGB",
            "type": "float32",
            "size": None if sizes.dynamic else list(sizes.size),
        },
        "resize": dict(resize),
        "normalize": {name: getattr(preprocessor, name).flatten().tolist() for name in ("mean", "std")},
        "output": output_facts(model, quantity),
        "versions": versions_of(to),
    }


def versions_of(to: str) -> dict:
    """The versions of what wrote a format."""
    found = {"mdetools": __version__}
    for name in WRITERS[to]:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
