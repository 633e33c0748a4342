"""What the network sees of a data set: samples behind transforms, collation, batch steps and normalisation."""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from mdetools.contract import FIELDS, SampleIndex
from mdetools.datasets.collation import collate_samples
from mdetools.engine.configs.dataloaders import adapt_dataloader
from mdetools.engine.configs.required_entries import require_entries
from mdetools.engine.loops import seed_iteration
from mdetools.engine.runner import Runner
from mdetools.errors import UserError
from mdetools.registry import DATASETS, MODELS
from mdetools.visualization import sample_panel, views_panel

__all__ = ["arrays_of", "browse", "browse_views", "preprocessed"]

DRAWN = ("image", "map", "points")  # kinds of fields
Panels = Iterator[tuple[str, np.ndarray]]


def browse(cfg: Config, split: str, count: int, seed: int = 0) -> Panels:
    """Draws samples as the network gets them, its images brought back from their normalisation.

    Of `train` these are the first that a training with this seed sees on one process, in the batches of its loader, so
    that batch steps such as CutMix show what they do; of the others samples that are spread evenly over the data set.

    Args:
        cfg: with a `<split>_dataloader`, and mostly a `model`, whose `data_preprocessor` is used.
        split: "train", "val" or "test".
        count: the most samples.
        seed: of the training.

    Yields:
        A sample's id, and its panel, see `sample_panel`.

    Raises:
        UserError: if the config has no such data, a sample cannot be read, or a batch step fails.
    """
    loader = loader_of(cfg, split)
    preprocessor, done = preprocessor_of(cfg), 0
    batches = training_batches(loader, seed) if split == "train" else spread_batches(loader, count, seed)
    for iteration, batch in enumerate(batches):
        seed_iteration(seed, iteration, 0)
        image, targets = preprocessed(batch, preprocessor, split == "train")
        for index, name in enumerate(batch["meta"]["id"][: count - done]):
            yield name, sample_panel(arrays_of({**targets, "image": image}, index), name)
            done += 1
        if done >= count:
            return


def browse_views(cfg: Config, split: str, count: int, views: int, seed: int = 0) -> Panels:
    """Draws several augmented views of each of a few frames, those that it has in the first epochs, side by side.

    Batch steps, which mix samples, are left out.

    Args:
        cfg: with a `<split>_dataloader`.
        split: "train", "val" or "test".
        count: the most frames, spread evenly over the data set.
        views: of each frame.
        seed: of the training.

    Raises:
        UserError: if the config has no such data, or a sample cannot be read.
    """
    preprocessor = preprocessor_of(cfg, steps=False)
    dataset = DATASETS.build(loader_of(cfg, split)["dataset"])
    for position in spread(count, len(dataset)):
        samples, name = [], ""
        for epoch in range(views):
            batch = collate_samples([dataset[SampleIndex(seed, epoch, position)]])
            image, targets = preprocessed(batch, preprocessor, split == "train")
            samples.append(arrays_of({**targets, "image": image}, 0))
            (name,) = batch["meta"]["id"]
        yield name, views_panel(samples, [name, *(f"epoch {epoch}" for epoch in range(1, views))])


def loader_of(cfg: Config, split: str) -> dict:
    """The config of a split's loader, without loader processes.

    Raises:
        UserError: if there is none.
    """
    init_default_scope(cfg.get("default_scope", "mdetools"))
    require_entries(cfg, f"--split {split}", f"{split}_dataloader")
    loader = {**cfg[f"{split}_dataloader"].to_dict(), "num_workers": 0}
    adapt_dataloader(loader)
    return loader


def preprocessor_of(cfg: Config, steps: bool = True) -> nn.Module:
    """What the config's model does to a batch; of a config without a model, normalisation alone."""
    config = {"type": "DataPreprocessor", **((cfg.get("model") or {}).get("data_preprocessor") or {})}
    if not steps:
        config.pop("steps", None)
    return MODELS.build(config)


def training_batches(loader: dict, seed: int) -> Iterator[dict]:
    """The batches of a training's first epoch."""
    built = Runner.build_dataloader(loader, seed)
    if len(built) == 0:
        raise UserError(
            f"the training set has {len(built.dataset)} samples, fewer than one batch of {loader.get('batch_size')}; "
            "lower train_dataloader.batch_size"
        )
    return iter(built)


def spread_batches(loader: dict, count: int, seed: int) -> Iterator[dict]:
    """Batches of one sample each, evenly from all over a data set."""
    dataset = DATASETS.build(loader["dataset"])
    for position in spread(count, len(dataset)):
        yield collate_samples([dataset[SampleIndex(seed, 0, position)]])


def spread(count: int, length: int) -> list[int]:
    """Positions of at most `count` of `length` things, from the first to the last.

    >>> spread(3, 9), spread(4, 2)
    ([0, 4, 8], [0, 1])
    """
    return np.linspace(0, length - 1, min(count, length)).round().astype(int).tolist()


def preprocessed(batch: Mapping, preprocessor: nn.Module, training: bool) -> tuple[Tensor, Mapping]:
    """What the network and the losses get of a batch.

    Returns:
        The images (B, 3, H, W), float32, that the network gets, brought back to [0, 1]; and the targets.

    Raises:
        UserError: if a batch step fails, as a teacher without weights does.
    """
    try:
        with torch.no_grad():
            data = preprocessor(dict(batch), training)
    except UserError as error:
        steps = getattr(preprocessor, "steps", {})
        name = next((name for name, step in steps.items() if type(step).__name__ in str(error)), None)
        cure = "" if name is None else f", or leave it out: --cfg-options model.data_preprocessor.steps.{name}=None"
        raise UserError(f"{error}{cure}") from error
    image = data["image"][:, : FIELDS["image"].channels]  # what stands behind it is of another kind
    if hasattr(preprocessor, "mean") and hasattr(preprocessor, "std"):
        image = image * preprocessor.std + preprocessor.mean
    return image, data["targets"]


def arrays_of(targets: Mapping, index: int) -> dict[str, np.ndarray]:
    """What of one sample of a batch is drawn, as `sample_panel` takes it: images in [0, 1] become uint8 (H, W, 3)."""
    arrays = {}
    for name, values in targets.items():
        if name not in FIELDS or FIELDS[name].kind not in DRAWN:
            continue
        array = values[index].cpu().numpy()
        if FIELDS[name].kind == "image":
            array = np.rint(255 * array.transpose(1, 2, 0)).clip(0, 255).astype(np.uint8)
        arrays[name] = array
    return arrays
