"""What is done to a picture before the network: the transforms and the collation of the config's own test pipeline."""

from collections.abc import Mapping

import numpy as np
from mmengine.config import Config

from mdetools.contract import Sample
from mdetools.datasets.transforms.packing import PackSample
from mdetools.engine.configs.components import title_of
from mdetools.engine.configs.nested_datasets import pipeline_of
from mdetools.errors import UserError
from mdetools.registry import TRANSFORMS

__all__ = ["Preparation", "is_resize", "resize_config"]


class Preparation:
    """Takes a picture to the sample that tools/test.py would make of it: `Resize` as the config has it, and packing.

    What else a test pipeline may hold belongs to its data set, such as a benchmark's crop, and is left out: a
    prediction is of the whole picture.

    Args:
        cfg: with a `Resize` in the pipeline of its `test_dataloader`.
        input_size: in place of the `size` of `Resize`: what the sides are at least, an int or (height, width), pixels.

    Raises:
        UserError: if there is no `Resize`, or the size is none.
    """

    def __init__(self, cfg: Config, input_size: int | tuple[int, int] | None = None) -> None:
        config = resize_config(cfg)
        if input_size is not None:
            sides = input_size if isinstance(input_size, list | tuple) else (input_size,) * 2
            if len(sides) != 2 or not all(type(side) is int and side > 0 for side in sides):
                raise UserError(f"the input size is {input_size}, expected pixels, or (height, width); set it so")
            config["size"] = input_size
        self.resize = TRANSFORMS.build(config)
        self.pack = PackSample()

    def __call__(
        self, image: np.ndarray, name: str, intrinsics: np.ndarray | None = None, baseline: float | None = None
    ) -> Sample:
        """Prepares one picture.

        Args:
            image: (H, W, 3), RGB, uint8, or float32 in 0..255.
            name: of the picture, for messages.
            intrinsics: (3, 3), pixels of the picture; None leaves the key out.
            baseline: metres between the cameras of the pair that a disparity is meant of; None leaves the key out.

        Raises:
            UserError: if the network would get more pixels than `Resize` allows, as of a thin strip.
        """
        sample = {"image": image, "size": np.array(image.shape[:2]), "meta": {"id": name, "path": name}}
        if intrinsics is not None:
            sample["intrinsics"] = intrinsics.astype(np.float32)
        if baseline is not None:
            sample["baseline"] = baseline
        rng = np.random.default_rng(0)  # of which neither step draws
        return self.pack(self.resize(sample, rng), rng)


def resize_config(cfg: Config) -> dict:
    """The config of the `Resize` in a config's test pipeline.

    Raises:
        UserError: if there is none.
    """
    pipeline = pipeline_of((cfg.get("test_dataloader") or {}).get("dataset")) or {}
    steps = pipeline.values() if isinstance(pipeline, Mapping) else pipeline
    for step in steps:
        if is_resize(step):
            return dict(step)
    raise UserError("the config has no Resize in test_dataloader.dataset.pipeline, so the size to run at is unknown")


def is_resize(step: Mapping | None) -> bool:
    """Whether a step of a pipeline, None if it is left out, is a `Resize`, by its name, its path or its class."""
    return bool(step) and title_of(step["type"]).rsplit(".", 1)[-1] == "Resize"
