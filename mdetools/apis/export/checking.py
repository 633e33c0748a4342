"""Whether an exported graph gives the model's map, from a picture to its map at the picture's size.

One side is the model behind its own test pipeline, as `tools/test.py` runs it; the other knows the graph and its
description alone (`mdetools.apis.export.picture`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from mdetools.apis.export.picture import network_size, prepare, restore
from mdetools.apis.map_difference import map_difference
from mdetools.errors import UserError, one_line
from mdetools.registry import TRANSFORMS

__all__ = ["LIMITS", "Trial", "compare_trial", "model_map", "trials_of"]

LIMITS = {"fp32": ("largest", 1e-3), "fp16": ("mean", 5e-3), "int8": ("mean", 2e-2)}  # parts of the map's range


class Trial(NamedTuple):
    """A picture, the entry `resize` that it is resized by, and the model's map of it.

    Attributes:
        picture: uint8 RGB (H, W, 3).
        resize: see `mdetools.apis.export.description`.
        expected: float32 (H, W) or (K, H, W), of whole pictures (K,).
    """

    picture: np.ndarray
    resize: Mapping
    expected: np.ndarray


def three_aspects(pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The pictures, three at least: the first as it is, the next its square middle, the next a tall one, and so on."""

    def middle(picture: np.ndarray, aspect: float | None) -> np.ndarray:
        height, width = picture.shape[:2]
        kept = width if aspect is None else min(width, round(height * aspect))
        left = (width - kept) // 2
        return np.ascontiguousarray(picture[:, left : left + kept])

    aspects = (None, 1.0, 0.6)
    return [middle(pictures[i % len(pictures)], aspects[i % 3]) for i in range(max(3, len(pictures)))]


def rules_of(resize: Mapping, dynamic: bool) -> list[Mapping]:
    """The ways to resize that trials go through: those of a free graph whose pipeline has one size are three sizes."""
    if not dynamic or resize["keep_aspect"]:
        return [resize]
    rows, columns = resize["size"]
    sizes = [[rows, columns], [round(1.25 * rows), round(1.25 * columns)], [columns, rows]]
    return [{**resize, "size": size} for size in sizes]


@torch.no_grad()
def model_map(model: nn.Module, picture: np.ndarray, resize: Mapping) -> np.ndarray:
    """The map that a model gives behind the `Resize` of its test pipeline, at the picture's size.

    Args:
        model: an estimator in eval mode, on the CPU.
        picture: uint8 RGB (H, W, 3).
        resize: see `mdetools.apis.export.description`.
    """
    rule = {name: resize[name] for name in ("size", "multiple_of", "keep_aspect", "interpolation")}
    as_trained = resize["type"] == "uint8"  # with maps, `Resize` leaves images in their own type
    step = TRANSFORMS.build(dict(type="Resize", resize_depth=as_trained, **rule))
    resized = step({"image": picture, "meta": {"id": "the picture"}}, np.random.default_rng(0))["image"]
    image = torch.from_numpy(resized).permute(2, 0, 1)[None].float() / 255
    targets = {"size": torch.tensor([picture.shape[:2]])}
    (prediction,) = model(model.data_preprocessor.normalize(image), targets, mode="predict")
    (values,) = prediction.values()
    return (values[0] if values.ndim == 3 and len(values) == 1 else values).numpy()


def trials_of(model: nn.Module, pictures: Sequence[np.ndarray], resize: Mapping, dynamic: bool) -> list[Trial]:
    """Three trials at least, of three aspects, with the model's own maps.

    Args:
        model: an estimator in eval mode, on the CPU.
        pictures: uint8 RGB; one or more.
        resize: of the graph's description.
        dynamic: whether the graph takes all sizes.
    """
    rules = rules_of(resize, dynamic)
    return [
        Trial(picture, rule := rules[i % len(rules)], model_map(model, picture, rule))
        for i, picture in enumerate(three_aspects(pictures))
    ]


def compare_trial(trial: Trial, run: Callable[[np.ndarray], np.ndarray], description: Mapping) -> dict:
    """Runs a graph on a trial's picture by its description.

    Args:
        trial: picture and expected map.
        run: the graph.
        description: of the graph.

    Returns:
        `picture` and `network`, the sizes as HxW, `largest` and `mean` difference.

    Raises:
        UserError: if the graph does not run at that size.
    """
    height, width = trial.picture.shape[:2]
    described = {**description, "resize": trial.resize}
    sizes = "{}x{}".format(*network_size(height, width, trial.resize))
    try:
        found = restore(run(prepare(trial.picture, described)), description["output"], height, width)
    except Exception as error:  # of the program or of onnxruntime, whose kinds have no common base
        raise UserError(f"the exported graph does not run at {sizes} ({one_line(error, 300)})") from error
    return {"picture": f"{height}x{width}", "network": sizes, **map_difference(found, trial.expected)._asdict()}
