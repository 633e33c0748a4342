"""Classes per pixel: mean intersection over union, accuracies, and what is taken for what."""

import logging
import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from torch import Tensor

from mdetools.contract import FIELDS
from mdetools.errors import UserError, one_line
from mdetools.evaluation.functional.confusion import class_scores, confusion_counts
from mdetools.evaluation.rows import Rows, format_table, write_results
from mdetools.registry import METRICS

__all__ = ["SegmentationMetric", "mean_scores"]

RULE = "classes of all pixels together; classes that are absent are left out of the means"
OF_IMAGES = ("image_mIoU", "image_accuracy")
NAMED = 5  # absent classes in a message


@METRICS.register_module()
class SegmentationMetric(BaseMetric):
    """Of `logits` against `semantic`, over the pixels of all images together, as the field reports it.

    - `mIoU`: mean over classes of the intersection over union. A class that neither truth nor prediction has is left
      out.
    - `mean_accuracy`: mean over the classes of the truth of the share of their pixels that is predicted right.
    - `pixel_accuracy`: the share of all pixels that is predicted right.

    Pixels that hold the field's hole, 255, do not count. Each image makes one row, the table of what was taken for
    what, which stays on the GPU that computed it (4 K² bytes: 90 kB of 150 classes), and an evaluation waits once; rows
    of several processes are put together as `DepthMetric` does it. The log has a line per class; the results file has
    it too, and the table of all images.

    Args:
        classes: their names; None takes those that the data set has in its `metainfo`, or else numbers.
        out_file: where to write the results, with a row per image, as JSON or, by its ending, CSV.
        collect_device: as `DepthMetric`'s.
        prefix: put before the names, as in `prefix/mIoU`; None leaves them plain.

    Attributes:
        higher_is_better: by which direction the best checkpoint is chosen.
        rows: of the last evaluation, `image_mIoU` and `image_accuracy` of each image alone; None before it, and where
            another process has them.
        confusion: int64 (K, K) of the last evaluation, rows by true class, columns by predicted class; None likewise.
        class_names: K names, as they are known; None likewise.
    """

    default_prefix = ""
    higher_is_better = {"mIoU": True, "mean_accuracy": True, "pixel_accuracy": True}

    def __init__(
        self,
        classes: Sequence[str] | None = None,
        out_file: str | None = None,
        collect_device: str = "gpu",
        prefix: str | None = None,
    ) -> None:
        self.given = None if classes is None else list(classes)
        self.out_file = out_file
        self.rows: Rows | None = None
        self.confusion: np.ndarray | None = None
        self.class_names: list[str] | None = None
        super().__init__(collect_device=collect_device, prefix=prefix)

    def process(self, data_batch: Mapping, data_samples: Sequence[Mapping[str, Tensor]]) -> None:
        """Scores one batch.

        Args:
            data_batch: the collated `Sample`: `semantic` (B, 1, H, W), `meta` with B ids.
            data_samples: B predictions as `split_prediction` makes them, `logits` (K, H, W) at the truth's size.

        Raises:
            UserError: if the batch has no classes, or the predictions are of another kind.
        """
        if "semantic" not in data_batch:
            raise UserError(
                f"the data set gives no 'semantic' to evaluate against (it gives {', '.join(data_batch)}); choose one "
                "that has it, such as SegmentationFolderDataset"
            )
        if "logits" not in data_samples[0]:
            raise UserError(
                f"the model predicts {', '.join(data_samples[0])}, expected 'logits'; take another metric, or a head "
                "of classes, such as DPTHead with output=dict(type='Logits')"
            )
        device = data_samples[0]["logits"].device
        truth = data_batch["semantic"].to(device, non_blocking=True)[:, 0]
        for name, prediction, classes in zip(data_batch["meta"]["id"], data_samples, truth, strict=True):
            logits = prediction["logits"]
            known = classes != FIELDS["semantic"].hole
            counts = confusion_counts(logits.argmax(0), classes, known, len(logits)).int()
            # What stays on the CPU are the cells that occur: few, and without a tensor's block of the heap.
            self.results.append(
                {"id": name, "cells": sparse(counts.numpy()) if counts.device.type == "cpu" else counts}
            )

    def evaluate(self, size: int) -> dict[str, float]:
        """The scores over the `size` images of the data set, from the rows of all processes."""
        if self.results and torch.is_tensor(self.results[0]["cells"]):
            tables = torch.stack([result["cells"] for result in self.results]).cpu().numpy()  # one wait for all
            self.results = [
                {**result, "cells": sparse(counts)} for result, counts in zip(self.results, tables, strict=True)
            ]
        return super().evaluate(size)

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """The scores, logged with a line per class, and written to `out_file`.

        Args:
            results: one dict per image: `id`, and `cells`, see `sparse`.

        Raises:
            UserError: if the truth has a class that the model does not know, no pixel counts, or the names are more or
                fewer than the classes.
        """
        self.class_names = self.named(classes_of(results[0]["cells"]))
        self.confusion, rows = np.zeros([len(self.class_names)] * 2, np.int64), []
        for result in results:
            table = table_of(result)
            self.confusion += table
            rows.append(row_of(table))
        if not self.confusion.any():
            raise UserError(f"none of {len(results)} images has a pixel of a known class; check the masks")
        *values, counts = np.array(rows, np.float64).T
        self.rows = Rows(
            [result["id"] for result in results], OF_IMAGES, np.stack(values, 1), counts.astype(int), "known_pixels"
        )
        scores, lines = mean_scores(self.confusion), lines_of(self.confusion, self.class_names)
        self.tell_absent([line["class"] for line in lines if np.isnan(line["IoU"])], len(results))
        print_log(f"{RULE}; {len(results)} images\n{format_table(lines)}\n{format_table([scores])}", logger="current")
        if self.out_file is not None:
            facts = {
                "protocol": {"name": "segmentation", "description": RULE},
                "classes": [{key: none_for_nan(value) for key, value in line.items()} for line in lines],
                "confusion": self.confusion.tolist(),
            }
            write_results(self.out_file, self.rows, scores, facts)
        return scores

    def named(self, classes: int) -> list[str]:
        """The names of so many classes.

        Raises:
            UserError: if there are more or fewer names.
        """
        names = self.given or (self.dataset_meta or {}).get("classes") or [str(label) for label in range(classes)]
        if len(names) != classes:
            raise UserError(
                f"the data set has {len(names)} classes ({one_line(', '.join(names), 100)}), and the model predicts "
                f"{classes}; set model.head.num_outputs={len(names)}"
            )
        return list(names)

    def tell_absent(self, absent: Sequence[str], images: int) -> None:
        """Warns of the classes that no pixel of so many images is of, neither in the truth nor as predicted."""
        if absent:
            more = f" and {len(absent) - NAMED} more" if len(absent) > NAMED else ""
            print_log(
                f"{len(absent)} of {len(self.class_names)} classes occur in none of {images} images, neither in the "
                f"truth nor as predicted, and are left out of mIoU: {', '.join(absent[:NAMED])}{more}",
                logger="current",
                level=logging.WARNING,
            )


def mean_scores(confusion: np.ndarray) -> dict[str, float]:
    """`mIoU`, `mean_accuracy` and `pixel_accuracy` of a table (K, K) in which something is counted.

    >>> mean_scores(np.array([[3, 1], [0, 4]]))
    {'mIoU': 0.775, 'mean_accuracy': 0.875, 'pixel_accuracy': 0.875}
    """
    scores = class_scores(confusion)
    return {
        "mIoU": float(np.nanmean(scores["iou"])),
        "mean_accuracy": float(np.nanmean(scores["accuracy"])),
        "pixel_accuracy": float(np.trace(confusion) / confusion.sum()),
    }


def lines_of(confusion: np.ndarray, names: Sequence[str]) -> list[dict[str, str | float]]:
    """Of each class its name, `IoU`, `accuracy`, and `share` of the truth's pixels; NaN where it is absent."""
    scores, shares = class_scores(confusion), confusion.sum(1) / confusion.sum()
    columns = zip(names, scores["iou"].tolist(), scores["accuracy"].tolist(), shares.tolist(), strict=True)
    return [{"class": name, "IoU": iou, "accuracy": accuracy, "share": part} for name, iou, accuracy, part in columns]


def row_of(table: np.ndarray) -> list[float]:
    """`OF_IMAGES` of one image's table, then its number of known pixels; where that is 0 they mean nothing."""
    own = mean_scores(table) if table.any() else {"mIoU": np.nan, "pixel_accuracy": np.nan}
    return [own["mIoU"], own["pixel_accuracy"], float(table.sum())]


def classes_of(cells: tuple[int, list[int], list[int]]) -> int:
    """K of what `sparse` made of a row of K * K + 1 counts."""
    return math.isqrt(cells[0])


def table_of(result: Mapping) -> np.ndarray:
    """The table int64 (K, K) of an image.

    Raises:
        UserError: if the truth has a class that the model does not know.
    """
    cells, classes = result["cells"], classes_of(result["cells"])
    counts = np.zeros(cells[0], np.int64)
    counts[cells[1]] = cells[2]
    if counts[-1]:
        raise UserError(
            f"{result['id']}: {counts[-1]} pixels of 'semantic' are of no class of the model, expected 0 to "
            f"{classes - 1}, or {FIELDS['semantic'].hole} where nothing is known; map the data set's labels, or set "
            "model.head.num_outputs"
        )
    return counts[:-1].reshape(classes, classes)


def sparse(counts: np.ndarray) -> tuple[int, list[int], list[int]]:
    """The length of a row of counts (N,), the cells that are not 0, and what they hold."""
    cells = np.flatnonzero(counts)
    return len(counts), cells.tolist(), counts[cells].tolist()


def none_for_nan(value: str | float) -> str | float | None:
    """The value, or None for NaN, which JSON does not know."""
    return None if value != value else value
