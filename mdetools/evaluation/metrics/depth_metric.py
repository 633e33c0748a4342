"""The metric that MMEngine's validation and test loops call."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from torch import Tensor

from mdetools.errors import UserError
from mdetools.evaluation.measures import columns_of, get_measure
from mdetools.evaluation.protocols import get_protocol
from mdetools.evaluation.rows import Rows, format_table, write_results
from mdetools.evaluation.scoring import evaluate_image
from mdetools.registry import METRICS

__all__ = ["DepthMetric"]


@METRICS.register_module()
class DepthMetric(BaseMetric):
    """Depth errors under a named protocol: means over images of per-image means.

    Each image makes exactly one row, which stays on the GPU that computed it, and an evaluation waits once. The rows of
    several processes are put in the data set's order, and the duplicates that a distributed sampler pads the last round
    with are cut off: this takes a sampler that deals images out in turn, as `DefaultSampler(round_up=True)` does.

    Args:
        protocol: a key of `PROTOCOLS`, or a dict of your own, see `get_protocol`.
        measures: of one image: keys of `MEASURES`, or members of a family, such as
            `dict(type="depth_ranges", edges=[0, 2, 5, 10])`, see `get_measure`.
        out_file: where to write the results, with a row per image, as JSON or, by its ending, CSV.
        collect_device: how the processes exchange rows: `gpu` through the process group, whatever its device (gloo
            too); `cpu` through a folder `.dist_test` that all of them must share.
        prefix: put before the names of the measures, as in `prefix/abs_rel`; None leaves them plain.

    Attributes:
        higher_is_better: by which direction the best checkpoint is chosen, of each column.
        rows: of the last evaluation; None before it, and where another process has them.

    Raises:
        UserError: if there is no such protocol or measure.
    """

    default_prefix = ""
    opaque_arguments = ("measures",)  # whose types are no registry's; `get_measure` checks them

    def __init__(
        self,
        protocol: str | dict = "nyu",
        measures: Sequence[str | dict] = ("depth_errors",),
        out_file: str | None = None,
        collect_device: str = "gpu",
        prefix: str | None = None,
    ) -> None:
        self.protocol = get_protocol(protocol)
        self.measures = tuple(map(get_measure, measures))
        self.higher_is_better = columns_of(self.measures)
        self.columns = tuple(self.higher_is_better)
        self.out_file = out_file
        self.rows: Rows | None = None
        super().__init__(collect_device=collect_device, prefix=prefix)

    def process(self, data_batch: Mapping, data_samples: Sequence[Mapping[str, Tensor]]) -> None:
        """Scores one batch.

        Args:
            data_batch: the collated `Sample`: `depth` (B, 1, H, W) in metres, `valid_mask` bool, `meta` with B ids.
            data_samples: B predictions as `split_prediction` makes them, at the ground truth's size: what the head
                predicts and, where a camera turns that into metres, `depth` beside it.

        Raises:
            UserError: if the batch has no ground truth, or a relative prediction meets a protocol that compares metres.
        """
        for needed in ("depth", "valid_mask"):
            if needed not in data_batch:
                raise UserError(
                    f"the data set gives no '{needed}' to evaluate against (it gives {', '.join(data_batch)}); "
                    "choose one that has ground truth"
                )
        ids = data_batch["meta"]["id"]
        assert len(ids) == len(data_samples), f"{len(data_samples)} predictions for {len(ids)} images"
        device = next(iter(data_samples[0].values())).device
        # MMEngine hands over the loader's batch, not the model's copy of it on the device.
        depth = data_batch["depth"].to(device, non_blocking=True)
        valid_mask = data_batch["valid_mask"].to(device, non_blocking=True)
        for name, prediction, true_depth, valid in zip(ids, data_samples, depth, valid_mask, strict=True):
            row = evaluate_image(prediction, true_depth, valid, self.protocol, self.measures)
            # On the CPU the numbers alone: a tensor of a few bytes keeps a block of the heap from being given back.
            self.results.append({"id": name, "row": row.tolist() if row.device.type == "cpu" else row})

    def evaluate(self, size: int) -> dict[str, float]:
        """Means over the `size` images of the data set, from the rows of all processes."""
        if self.results and torch.is_tensor(self.results[0]["row"]):
            rows = torch.stack([result["row"] for result in self.results]).tolist()
            self.results = [{"id": result["id"], "row": row} for result, row in zip(self.results, rows, strict=True)]
        return super().evaluate(size)

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Means, logged with their protocol and ground truth, and written to `out_file`.

        The ground truth's name is the data set's `metainfo["ground_truth"]`, which MMEngine's loops hand over.

        Args:
            results: one dict per image, with `id` and `row` (the columns, then the number of pixels that counted).

        Raises:
            UserError: if no image has a pixel that counts.
        """
        ids = [result["id"] for result in results]
        rows = self.rows = Rows.of_table(ids, self.columns, [result["row"] for result in results])
        protocol = self.protocol
        if len(rows.empty) == len(ids):
            raise UserError(
                f"none of {len(ids)} images has a valid pixel in {protocol.min_depth:g}..{protocol.max_depth:g} m "
                f"under protocol '{protocol.name}'; check the ground truth's unit and masks, and the choice of protocol"
            )
        if rows.empty:
            print_log(
                f"{len(rows.empty)} of {len(ids)} images have no valid pixel under protocol '{protocol.name}' and are "
                f"left out of the means, the first: {', '.join(rows.empty[:3])}",
                logger="current",
                level=logging.WARNING,
            )
        nowhere = [name for name, values in rows.incomplete().items() if not len(values)]
        if nowhere:
            print_log(f"no image has a pixel for {', '.join(nowhere)}", logger="current", level=logging.WARNING)
        mean = rows.mean()
        ground_truth = (self.dataset_meta or {}).get("ground_truth")
        named = f", ground truth {ground_truth}" if ground_truth else ""
        print_log(f"{protocol.describe()}{named}, {len(ids)} images\n{format_table([mean])}", logger="current")
        if self.out_file is not None:
            described = {**asdict(protocol), "description": protocol.describe()}
            write_results(self.out_file, rows, mean, {"protocol": described, "ground_truth": ground_truth})
        return mean
