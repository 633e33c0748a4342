"""Labels images with a teacher: what tools/pseudo_label.py does."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from mmengine.config import Config
from mmengine.dist import get_dist_info
from mmengine.registry import init_default_scope
from torch import distributed, nn

from mdetools.apis.pseudo_labels.folder import check_folder, mark_folder
from mdetools.apis.pseudo_labels.label_file import FORMATS
from mdetools.apis.pseudo_labels.loading import check_pipeline, load_batches
from mdetools.apis.pseudo_labels.planning import check_apart, label_paths, missing_batches, share_of
from mdetools.apis.pseudo_labels.teacher import build_teacher, digest_of, predict, teacher_config
from mdetools.apis.pseudo_labels.writing import LabelWriter
from mdetools.datasets.image_folder import ImageFolderDataset
from mdetools.engine.process.work_dir_lock import lock_folder
from mdetools.errors import UserError, suggest
from mdetools.progress import track

__all__ = ["LabelOptions", "Outcome", "label_images"]

TITLE = "pseudo-labels"
PATIENCE = timedelta(days=365)  # that the processes wait for each other's end


@dataclass(frozen=True)
class LabelOptions:
    """How images are labelled.

    Attributes:
        format: a key of `FORMATS`.
        flip: average each map with that of the mirrored image.
        amp: "bf16" or "off".
        batch_size: of images that follow each other; those of one size run together.
        workers: processes that read images.
        writers: threads that write labels.
        device: where to run; None takes the GPU if there is one.
        weights_as_is: load weights that were made for another model all the same.

    Raises:
        UserError: if one of them is none of the choices, or not above 0.
    """

    format: str = "png16"
    flip: bool = True
    amp: str = "off"
    batch_size: int = 4
    workers: int = 2
    writers: int = 2
    device: str | None = None
    weights_as_is: bool = False

    def __post_init__(self) -> None:
        for name, value, choices in (("format", self.format, FORMATS), ("amp", self.amp, ("off", "bf16"))):
            if value not in choices:
                raise UserError(f"{TITLE} have no {name} '{value}'; {suggest(value, choices)}")
        for name, least in (("batch_size", 1), ("writers", 1), ("workers", 0)):
            value = getattr(self, name)
            if value < least:
                raise UserError(f"{TITLE}: {name} is {value}, expected {least} or more; raise it")


@dataclass
class Outcome:
    """What became of the images.

    Attributes:
        written: how many labels were written.
        kept: how many were there.
        broken: names of the images that have none, and why.
    """

    written: int = 0
    kept: int = 0
    broken: list[tuple[str, str]] = field(default_factory=list)

    def count(self, done: Iterable[tuple[int, str | None]], names: Sequence[str]) -> None:
        """Counts images as they are done, and tells of each that has no label.

        Args:
            done: see `write_labels`.
            names: of all images.
        """
        for position, reason in done:
            if reason is None:
                self.written += 1
            else:
                self.broken.append((names[position], reason))
                print(f"no label: {reason}", file=sys.stderr)


def label_images(
    cfg: Config, checkpoint: str, images: ImageFolderDataset, out: str | Path, options: LabelOptions | None = None
) -> Outcome:
    """Labels a data set of images with the teacher's inverse depth, each image in a file of its own.

    An image is prepared as the config's test pipeline does it, and its label has the image's own size. Labels that are
    there are kept, if the folder says that they were made by the same teacher in the same way.

    In a process group each process takes its share, see `share_of`, and all return the same outcome.

    >>> images = ImageFolderDataset("data/photos", pipeline=image_pipeline(cfg))  # doctest: +SKIP
    >>> label_images(cfg, "teacher.pth", images, "data/photos_labels").written  # doctest: +SKIP
    260

    Args:
        cfg: the teacher's config.
        checkpoint: its weights, of any known format, for the whole model.
        images: data set of the images, with the config's test pipeline.
        out: folder of the labels.
        options: how; None takes the defaults.

    Raises:
        UserError: if the teacher cannot be built or predicts no depth, the pipeline crops, or `out` holds something
            else or cannot be written to.
    """
    init_default_scope(cfg.get("default_scope", "mdetools"))
    options = options or LabelOptions()
    out, kind, (rank, world_size) = Path(out), FORMATS[options.format], get_dist_info()
    check_pipeline(images.transforms)
    paths = label_paths(images.names, out, kind.suffix)
    if images.pattern is not None:
        check_apart(paths, out, Path(images.root), images.pattern)
    model = build_teacher(cfg, checkpoint, options.flip, options.device, options.weights_as_is)
    group = distributed.new_group(backend="gloo", timeout=PATIENCE) if world_size > 1 else None
    if rank == 0:
        take_folder(out, cfg, model, images, options)
    if group is not None:
        distributed.barrier(group)
    share = share_of(len(paths), options.batch_size, rank, world_size)
    batches, missing = missing_batches(share, paths, kind.is_whole)
    done = write_labels(model, images, batches, missing, paths, options)
    outcome = Outcome(kept=sum(map(len, share)) - len(missing))
    outcome.count(track(done, len(missing), TITLE) if rank == 0 else done, images.names)
    return outcome if group is None else all_of(outcome, group)


def take_folder(out: Path, cfg: Config, model: nn.Module, images: ImageFolderDataset, options: LabelOptions) -> None:
    """Takes a folder for the labels of a teacher, and holds it until this process ends.

    Raises:
        UserError: if it holds something else, or another process has it, or it cannot be written to.
    """
    settings = {
        "images": str(Path(images.root).resolve()),
        "checkpoint": digest_of(model),
        **{name: getattr(options, name) for name in ("format", "flip", "amp")},
        "config": teacher_config(cfg),
    }
    check_folder(out, settings)
    lock_folder(out, f"{TITLE} folder", "choose another folder")
    mark_folder(out, settings)


def write_labels(
    model: nn.Module,
    images: ImageFolderDataset,
    batches: list[range],
    missing: set[int],
    paths: list[Path],
    options: LabelOptions,
) -> Iterator[tuple[int, str | None]]:
    """Reads, predicts and writes at the same time.

    Yields:
        For each position in `missing`, as it is done, why there is no label, or None.

    Raises:
        UserError: if a label cannot be written.
    """
    with LabelWriter(FORMATS[options.format], options.writers) as writer:
        for groups, broken in load_batches(images, batches, options.workers):
            yield from ((position, reason) for position, reason in broken if position in missing)
            for positions, batch in groups:
                if missing.isdisjoint(positions):  # but for an image of the batch that cannot be read
                    continue
                for position, label in zip(positions, predict(model, batch, options.amp), strict=True):
                    if position in missing:
                        yield from writer.write(position, paths[position], label)
        yield from writer.finish()


def all_of(outcome: Outcome, group: distributed.ProcessGroup) -> Outcome:
    """The outcomes of all processes in one; each waits here for the others, which a launcher would else end."""
    outcomes: list[Outcome] = [outcome] * distributed.get_world_size(group)
    distributed.all_gather_object(outcomes, outcome, group)
    return Outcome(
        sum(one.written for one in outcomes),
        sum(one.kept for one in outcomes),
        [pair for one in outcomes for pair in one.broken],
    )
