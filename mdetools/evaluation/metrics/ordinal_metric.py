"""Which of two points is closer: relative depth without a scale, a shift or a depth sensor."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from torch import Tensor

from mdetools.contract import quantity_of
from mdetools.errors import UserError
from mdetools.evaluation.rows import Rows, format_table, write_results
from mdetools.geometry import sample_at
from mdetools.registry import METRICS

__all__ = ["OrdinalMetric", "closer_first"]

RULE = "ordinal pairs: share whose closer point is predicted closer, strictly (a tie is wrong)"


def closer_first(prediction: Mapping[str, Tensor], pairs: Tensor, image_size: tuple[int, int]) -> Tensor:
    """Whether the first point of each pair is predicted strictly closer than the second.

    A point's value is that of the predicted pixel in which it lies, without interpolation.

    >>> pairs = torch.tensor([[[0.0, 0.0], [2.0, 0.0]], [[2.0, 0.0], [1.0, 0.0]]])
    >>> closer_first({"depth": torch.tensor([[[1.0, 3.0, 3.0]]])}, pairs, (1, 3))
    tensor([1., 0.])

    Args:
        prediction: a map (1, h, w) of a quantity of `QUANTITIES` that is depth or inverse depth.
        pairs: (N, 2, 2), (x, y) in pixels of the image; NaN where there is no pair.
        image_size: (H, W) of the image that the points belong to.

    Returns:
        float32 (N,): 1 or 0, NaN where there is no pair.

    Raises:
        UserError: if the prediction is neither depth nor inverse depth.
    """
    quantity = quantity_of(prediction)
    if not quantity.is_inverse and quantity.name != "depth":
        raise UserError(f"the model predicts '{quantity.name}', expected depth or inverse depth; take another metric")
    first, second = sample_at(prediction[quantity.name], pairs, image_size)[..., 0].unbind(-1)
    right = first > second if quantity.is_inverse else first < second
    return right.float().where(pairs.isfinite().all((1, 2)), torch.nan)


@METRICS.register_module()
class OrdinalMetric(BaseMetric):
    """The share of point pairs whose closer point is predicted closer, as DA-2K is evaluated.

    The comparison is strict: a tie is wrong, so that a constant map scores 0. Predictions need no alignment. `ordinal`
    is over all pairs, whatever image they are in; `ordinal_<scene>` over those of a scene, by `meta["scene"]`, and
    `ordinal_mean_of_scenes` is the mean of these.

    Args:
        out_file: where to write the results, with a row per pair, as JSON or, by its ending, CSV.
        collect_device: as `DepthMetric`'s.
        prefix: put before the names, as in `prefix/ordinal`; None leaves them plain.

    Attributes:
        rows: of the last evaluation, one per pair; None before it, and where another process has them.
    """

    default_prefix = ""
    higher_is_better = {"ordinal": True, "ordinal_mean_of_scenes": True}

    def __init__(self, out_file: str | None = None, collect_device: str = "gpu", prefix: str | None = None) -> None:
        self.out_file = out_file
        self.rows: Rows | None = None
        super().__init__(collect_device=collect_device, prefix=prefix)

    def process(self, data_batch: Mapping, data_samples: Sequence[Mapping[str, Tensor]]) -> None:
        """Scores one batch.

        Args:
            data_batch: the collated `Sample`: `image` (B, 3, H, W), `point_pairs` (B, N, 2, 2) in its pixels, `meta`.
            data_samples: B predictions as `split_prediction` makes them, of any size.

        Raises:
            UserError: if the batch has no point pairs, or predictions are neither depth nor inverse depth.
        """
        if "point_pairs" not in data_batch:
            raise UserError(
                f"the data set gives no 'point_pairs' to evaluate against (it gives {', '.join(data_batch)}); choose "
                "one that has them, such as DA2KDataset"
            )
        meta, image_size = data_batch["meta"], tuple(data_batch["image"].shape[-2:])
        scenes = meta.get("scene", [""] * len(meta["id"]))
        device = next(iter(data_samples[0].values())).device
        points = data_batch["point_pairs"].to(device, non_blocking=True)
        for name, scene, prediction, pairs in zip(meta["id"], scenes, data_samples, points, strict=True):
            right = closer_first(prediction, pairs, image_size)
            # On the CPU the numbers alone, see DepthMetric.
            row = right.tolist() if right.device.type == "cpu" else right
            self.results.append({"id": name, "scene": scene, "right": row})

    def evaluate(self, size: int) -> dict[str, float]:
        """The shares over the `size` images of the data set, from the rows of all processes."""
        if self.results and torch.is_tensor(self.results[0]["right"]):
            counts = [len(result["right"]) for result in self.results]
            found = torch.cat([result["right"] for result in self.results]).cpu().split(counts)  # one wait for all
            self.results = [
                {**result, "right": flags.tolist()} for result, flags in zip(self.results, found, strict=True)
            ]
        return super().evaluate(size)

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """The shares, logged with their rule, and written to `out_file`.

        Args:
            results: one dict per image: `id`, `scene`, and `right`, see `closer_first`.

        Raises:
            UserError: if no image has a pair.
        """
        rows = self.rows = rows_of_pairs(results)
        if not len(rows.ids):
            raise UserError(f"none of {len(results)} images has a point pair; check the annotations and the pipeline")
        shares = rows.mean()
        scenes = [share for name, share in shares.items() if name != "ordinal"]
        shares["ordinal_mean_of_scenes"] = float(np.mean(scenes or [shares["ordinal"]]))
        print_log(f"{RULE}; {len(rows.ids)} pairs, {len(results)} images\n{format_table([shares])}", logger="current")
        if self.out_file is not None:
            write_results(self.out_file, rows, shares, {"protocol": {"name": "ordinal", "description": RULE}})
        return shares


def rows_of_pairs(results: Sequence[Mapping]) -> Rows:
    """A row per pair: whether it is right, over all pairs, and in the column of its scene alone."""
    pairs = [
        (f"{result['id']}#{number}", result["scene"], flag)
        for result in results
        for number, flag in enumerate(result["right"])
        if not math.isnan(flag)
    ]
    scenes = sorted({scene for _, scene, _ in pairs if scene})
    own = np.array([[True, *(scene == name for name in scenes)] for _, scene, _ in pairs], bool)
    own = own.reshape(len(pairs), 1 + len(scenes))
    values = np.where(own, np.array([flag for *_, flag in pairs], np.float64)[:, None], np.nan)
    columns = ["ordinal", *(f"ordinal_{name}" for name in scenes)]
    counts = np.ones(len(pairs))
    return Rows([name for name, *_ in pairs], columns, values, counts, "pairs", own)
