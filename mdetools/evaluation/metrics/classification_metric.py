"""Which class an image shows: top-1, top-5, and which classes are taken for which."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from torch import Tensor

from mdetools.contract import FIELDS
from mdetools.errors import UserError
from mdetools.evaluation.functional.confusion import confusion_counts
from mdetools.evaluation.rows import Rows, format_table, write_results
from mdetools.registry import METRICS

__all__ = ["ClassificationMetric", "class_ranks"]

RULE = "top-k: share of images whose class has one of the k highest scores (of equal ones the lower class first)"
TOP = {"top1": 1, "top5": 5}


def class_ranks(scores: Tensor, labels: Tensor) -> Tensor:
    """The place of each image's own class in the order of its scores, from 0; of equal scores the lower class is first.

    >>> class_ranks(torch.tensor([[0.1, 0.7, 0.2], [0.5, 0.5, 0.0]]), torch.tensor([2, 1])).tolist()
    [1, 1]

    Args:
        scores: (B, K), of any scale; an image with a score that is NaN has the last place, K.
        labels: int64 (B,), classes 0 to K - 1.

    Returns:
        int64 (B,).
    """
    own = scores.gather(1, labels[:, None])
    earlier = torch.arange(scores.shape[1], device=scores.device) < labels[:, None]
    ranks = ((scores > own) | ((scores == own) & earlier)).sum(1)
    return ranks.where(~scores.isnan().any(1), scores.shape[1])


@METRICS.register_module()
class ClassificationMetric(BaseMetric):
    """Top-1 and top-5 accuracy, as means over images, and the confusion matrix.

    Images of label -1, the hole, do not count. Of fewer than five classes there is no `top5`, which is told.

    Args:
        out_file: where to write the results, with a row per image, as JSON, with the confusion matrix, or, by its
            ending, CSV.
        collect_device: as `DepthMetric`'s.
        prefix: put before the names, as in `prefix/top1`; None leaves them plain.

    Attributes:
        rows: of the last evaluation, one per image; None before it, and where another process has them.
        confusion: int64 (K, K), rows by true class, columns by predicted class; likewise.
        class_names: of the classes, as the data set has them, or their numbers; likewise.
    """

    default_prefix = ""
    higher_is_better = dict.fromkeys(TOP, True)

    def __init__(self, out_file: str | None = None, collect_device: str = "gpu", prefix: str | None = None) -> None:
        self.out_file = out_file
        self.rows: Rows | None = None
        self.confusion: np.ndarray | None = None
        self.class_names: list[str] | None = None
        super().__init__(collect_device=collect_device, prefix=prefix)

    def process(self, data_batch: Mapping, data_samples: Sequence[Mapping[str, Tensor]]) -> None:
        """Scores one batch.

        Args:
            data_batch: the collated `Sample`: `label` (B,), `meta`.
            data_samples: B predictions, each with `scores` (K,).

        Raises:
            UserError: if the batch has no labels, a label is no class of the model, or predictions are no scores.
        """
        if "label" not in data_batch:
            raise UserError(
                f"the data set gives no 'label' to evaluate against (it gives {', '.join(data_batch)}); choose one "
                "that has classes, such as ClassFolderDataset"
            )
        if "scores" not in data_samples[0]:
            raise UserError(
                f"the model predicts {', '.join(data_samples[0])}, expected scores of classes; take ClassificationHead "
                "or another metric"
            )
        scores = torch.stack([prediction["scores"] for prediction in data_samples])
        count, label = scores.shape[1], data_batch["label"]
        wrong = label[(label >= count) | (label < FIELDS["label"].hole)]
        if len(wrong):
            raise UserError(
                f"the data set has the label {int(wrong[0])}, and the model {count} classes, expected 0 to "
                f"{count - 1}; set the head's num_classes, or map the labels"
            )
        label = label.to(scores.device, non_blocking=True)
        ranks = class_ranks(scores, label.clamp_min(0))
        predicted = scores.argmax(1).where(ranks < count, -1)
        rows = torch.stack([ranks, predicted, label, torch.full_like(label, count)], 1)
        rows = rows.tolist() if rows.device.type == "cpu" else rows.unbind()  # see DepthMetric
        self.results += [{"id": name, "row": row} for name, row in zip(data_batch["meta"]["id"], rows, strict=True)]

    def evaluate(self, size: int) -> dict[str, float]:
        """Means over the `size` images of the data set, from the rows of all processes."""
        if self.results and torch.is_tensor(self.results[0]["row"]):
            rows = torch.stack([result["row"] for result in self.results]).tolist()  # one wait for all
            self.results = [{**result, "row": row} for result, row in zip(self.results, rows, strict=True)]
        return super().evaluate(size)

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Shares, logged with their rule, and written to `out_file`.

        Args:
            results: one dict per image: `id`, and `row`: rank, predicted class, label, number of classes.

        Raises:
            UserError: if no image has a label.
        """
        ranks, predicted, labels, counts = np.array([result["row"] for result in results], int).T
        count, known = int(counts[0]), labels >= 0
        if not known.any():
            raise UserError(f"none of {len(results)} images has a label; check the data set")
        columns = [name for name, k in TOP.items() if k <= count or k == 1]
        if len(columns) < len(TOP):
            print_log(
                f"there are {count} classes, fewer than five, so that top5 would be 1 always; it is left out",
                logger="current",
                level=logging.WARNING,
            )
        values = np.stack([ranks < TOP[name] for name in columns], 1).astype(np.float64)
        rows = self.rows = Rows([result["id"] for result in results], columns, values, known.astype(int), "labels")
        self.confusion = confusion_of(labels, predicted, count)
        self.class_names = names_of_classes((self.dataset_meta or {}).get("classes"), count)
        mean = rows.mean()
        print_log(f"{RULE}; {known.sum()} images, {count} classes\n{format_table([mean])}", logger="current")
        if self.out_file is not None:
            facts = {"protocol": {"name": "classification", "description": RULE}, "classes": self.class_names}
            write_results(self.out_file, rows, mean, {**facts, "confusion": self.confusion.tolist()})
        return mean


def confusion_of(labels: np.ndarray, predicted: np.ndarray, count: int) -> np.ndarray:
    """What is taken for what, int64 (K, K), of labels and predicted classes (N,); those of -1 are not counted."""
    known = torch.from_numpy((labels >= 0) & (predicted >= 0))
    pairs = (torch.from_numpy(values.clip(0)) for values in (predicted, labels))
    return confusion_counts(*pairs, known, count)[:-1].view(count, count).numpy()


def names_of_classes(names: Sequence[str] | None, count: int) -> list[str]:
    """The names of the classes where there are as many, else their numbers."""
    return list(names) if names is not None and len(names) == count else list(map(str, range(count)))
