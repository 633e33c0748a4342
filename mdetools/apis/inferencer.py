"""From pictures to what a model predicts of them, with a config and a checkpoint."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mdetools.apis.inference.arrays import ValueRange
from mdetools.apis.inference.inputs import entries_of
from mdetools.apis.inference.network import TYPES, Network, Precision
from mdetools.apis.inference.preparing import Preparation
from mdetools.apis.inference.result import Result
from mdetools.apis.inference.streaming import Options, Skip, stream_results
from mdetools.apis.inference.tiling import refined
from mdetools.datasets.rgbd.cameras import Camera
from mdetools.engine.configs.loading import load_config
from mdetools.engine.configs.required_entries import require_entries
from mdetools.errors import UserError, suggest
from mdetools.registry import MODELS
from mdetools.weights.loading import load_whole

__all__ = ["DepthInferencer"]

BATCH = {"cpu": 1}  # of one picture: on a CPU more of them are no faster
GPU_BATCH, WORKERS = 8, 4
SMALLEST_TILE = 64


class DepthInferencer:
    """Predicts the depth of pictures, or another quantity, as tools/test.py and the reference of Depth Anything V2 do.

    >>> predict = DepthInferencer("dav2/vits_nyu", "best_abs_rel.pth")  # doctest: +SKIP
    >>> predict("photo.jpg")[0].map.shape  # doctest: +SKIP
    (480, 640)
    >>> for result in predict.stream("photos/"):  # doctest: +SKIP
    ...     print(result.path, result.quantity, result.unit, result.map.max())

    A picture is resized by the config's `Resize`, in floating point, and the prediction is brought back to the
    picture's size bilinearly, depth with aligned corners.

    Args:
        config: a config, its file, or the name of one that comes with mdetools, such as "dav2/vits_nyu"; with a
            `model`, and a `Resize` in the pipeline of its `test_dataloader`. Its `weights_as_is=True` loads weights
            that were made for another model all the same.
        checkpoint: weights of any known format, for the whole model.
        device: where to run; None takes the GPU if there is one.
        flip: "mean" or "stereo" averages with the prediction of the mirrored picture; None leaves the config's.
        input_size: in place of the `size` of `Resize`: an int or (height, width), pixels that the sides at least have.
        precision: "fp32"; "bf16" or "fp16" by autocast.
        compile_model: whether the backbone is compiled, which takes a minute for the first picture.
        batch_size: pictures of one size that are computed at once; None takes 8 on a GPU, else 1.
        workers: threads that read and prepare.
        tiles: side in pixels of the overlapping tiles that add detail to larger pictures; None takes pictures whole.

    Raises:
        UserError: if the checkpoint does not fit or was made for another model, or the config has no model or no test
            resize, or an option is not one of those above.
    """

    def __init__(
        self,
        config: Config | str | Path,
        checkpoint: str | Path,
        device: str | None = None,
        *,
        flip: str | None = None,
        input_size: int | tuple[int, int] | None = None,
        precision: Precision = "fp32",
        compile_model: bool = False,
        batch_size: int | None = None,
        workers: int = WORKERS,
        tiles: int | None = None,
    ) -> None:
        cfg = config if isinstance(config, Config) else load_config(str(config))
        if tiles is not None and tiles < SMALLEST_TILE:
            raise UserError(f"tiles is {tiles}, expected a side of {SMALLEST_TILE} pixels at least; set it so")
        if precision not in ("fp32", *TYPES):
            raise UserError(f"precision is '{precision}'; {suggest(precision, ['fp32', *TYPES])}")
        init_default_scope(cfg.get("default_scope", "mdetools"))
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        require_entries(cfg, "a prediction", "model")
        self.preparation = Preparation(cfg, input_size)
        self.model = MODELS.build(cfg.model if flip is None else {**cfg.model, "flip_test": flip})
        load_whole(self.model, str(checkpoint), cfg.get("weights_as_is", False))
        self.model.to(self.device).eval()
        if compile_model:
            self.model.backbone.compile()
        self.network = Network(self.model, self.device, precision)
        self.batch_size = batch_size or BATCH.get(self.device.type, GPU_BATCH)
        self.workers, self.tiles = workers, tiles

    @property
    def resize(self):
        """The `Resize` that pictures go through."""
        return self.preparation.resize

    def __call__(
        self,
        inputs: object,
        value_range: ValueRange = None,
        focal_length: float | Camera | None = None,
        baseline: float | None = None,
        keep_images: bool = False,
    ) -> list[Result]:
        """Predicts all pictures of an input; see `stream`, which needs no memory for all of them at once.

        Returns:
            A list, of one result for one picture.
        """
        return list(self.stream(inputs, value_range, focal_length, baseline, keep_images))

    def stream(
        self,
        inputs: object,
        value_range: ValueRange = None,
        focal_length: float | Camera | None = None,
        baseline: float | None = None,
        keep_images: bool = False,
        skip: Skip | None = None,
    ) -> Iterator[Result]:
        """Yields the results one after the other, in order, while the next pictures are being read.

        Args:
            inputs: a path of an image or a video; a folder, which is gone through with those below; a pattern such as
                `photos/**/*.jpg`; a list, .txt or .csv; an array (H, W, 3), (H, W) or (N, H, W, 3); a tensor (3, H, W)
                or (N, 3, H, W); a PIL image; the number of a camera; or an iterable of any of these. Files and PIL
                images are turned upright as their EXIF says.
            value_range: the values of black and white in arrays and tensors that are not uint8, such as (0, 1).
            focal_length: in pixels of the pictures, or a `Camera`; None takes each picture's own, from the nearest
                file such as `intrinsics.txt` or from its EXIF, where there is one.
            baseline: metres between the cameras of the pair that a model of disparity was trained for; with a focal
                length the result is depth in metres.
            keep_images: whether results hold their pictures, as `image`.
            skip: is called with the path of a picture that cannot be read and with the error; None raises it.

        Raises:
            UserError: if an input is none of these, or cannot be read, without `skip`.
        """
        for name, value in (("focal_length", focal_length), ("baseline", baseline)):
            if isinstance(value, int | float) and not 0 < value < float("inf"):
                raise UserError(f"{name} is {value:g}, expected a number above 0; set it so, or leave it out")
        options = Options(self.batch_size, self.workers, focal_length, baseline, keep_images or self.tiles is not None)
        results = stream_results(entries_of(inputs, value_range), self.preparation, self.network, options, skip)
        if self.tiles is None:
            return results
        finer = refined(results, self.tiles, self.preparation, self.network, self.batch_size, baseline)
        return finer if keep_images else (replace(one, image=None) for one in finer)
