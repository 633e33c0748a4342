"""A whole run: images, then videos, with what is told of each."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mdetools.apis.inference.result import Result
from mdetools.apis.inferencer import DepthInferencer
from mdetools.apis.opening import class_names_of, output_of
from mdetools.apis.predicting.options import RunOptions
from mdetools.apis.predicting.planning import Plan, check_frames, plan, result_places
from mdetools.apis.predicting.videos import predict_video
from mdetools.apis.predicting.writing import ResultWriter, Written
from mdetools.apis.saving import check_saving, formats_of
from mdetools.contract import QUANTITIES
from mdetools.datasets.rgbd.cameras import read_camera_file
from mdetools.engine.process.preflight import check_replaced
from mdetools.errors import UserError
from mdetools.progress import track

__all__ = ["run"]

FEW = 10  # inputs without a bar of progress


def run(inferencer: DepthInferencer, inputs: Sequence[str], options: RunOptions) -> int:
    """Predicts images and videos and writes what was asked for.

    Args:
        inferencer: the model.
        inputs: paths, folders, patterns, lists, archives and videos.
        options: what is written, and where.

    Returns:
        1 if there is no result of some of several inputs, else 0.

    Raises:
        UserError: if a single input cannot be read, or nothing could be written as asked, or results of an earlier run
            are there and are not to be replaced.
    """
    output = output_of(inferencer.model)
    quantity = getattr(output, "quantity", None)
    check_saving(options.formats, None if options.baseline else quantity)
    formats = formats_of(options.formats, getattr(output, "max_depth", None), options.cut_edges)
    planned = plan(inputs, options.out)
    suffixes = [one.suffix for one in formats]
    if formats:
        check_frames(planned, options.out)
    check_replaced(result_places(planned, options.out, names_of(quantity), suffixes), options.overwrite)
    told = Report(len(planned.images) + len(planned.videos))
    named = [*planned.images.values(), *planned.videos.values()]
    files = frozenset(Path(one).resolve() for one in named if isinstance(one, str))
    camera, targets = camera_options(options), {str(path): target for target, path in planned.images.items()}
    with ResultWriter(options, formats, files, class_names_of(inferencer.model)) as writer:
        for result in images_of(inferencer, planned, camera, told):
            told.results(writer.write(result, targets[result.path]))
        told.results(writer.finish())
        for target, path in planned.videos.items():
            try:
                told.results([predict_video(inferencer, path, target, options, formats, camera, writer.check)])
            except UserError as error:
                told.broken(path, error)
    return told.end(options.out)


def names_of(quantity: str | None) -> list[str]:
    """What the results of a model may be called, by what it predicts; None is not known."""
    if quantity not in QUANTITIES:
        return list(QUANTITIES)
    return [quantity, *(["depth"] if QUANTITIES[quantity].to_depth is not None else [])]


def camera_options(options: RunOptions) -> dict:
    """What `DepthInferencer.stream` is told of the camera; nothing that is not said."""
    said = options.focal_length if options.intrinsics is None else read_camera_file(Path(options.intrinsics))
    values = {"focal_length": said, "baseline": options.baseline}
    return {name: value for name, value in values.items() if value is not None}


def images_of(inferencer: DepthInferencer, planned: Plan, camera: Mapping, told: "Report") -> Iterator[Result]:
    """The results of all images, with the progress of many."""
    if not planned.images:
        return
    skip = {} if told.total == 1 else {"skip": told.broken}
    inputs = list(planned.images.values())
    results = inferencer.stream(inputs, keep_images=True, **camera, **skip)
    yield from track(results, len(inputs), "predict") if len(inputs) > FEW else results


class Report:
    """What is told of a run while it goes on, and at its end.

    Args:
        total: number of inputs.
    """

    def __init__(self, total: int) -> None:
        self.total, self.without, self.unwritten, self.replaced = total, 0, 0, 0

    def results(self, written: Iterator[Written] | Sequence[Written]) -> None:
        """Tells of results that were written."""
        for one in written:
            for line in one.lines:
                print(line)
            for line in one.errors:
                print(line, file=sys.stderr)
            self.unwritten += len(one.errors)
            self.replaced += one.replaced

    def broken(self, path: str, error: UserError) -> None:
        """Tells of an input without a result.

        Raises:
            UserError: if it is the only one.
        """
        if self.total == 1:
            raise error
        print(f"no result: {error}" if path in str(error) else f"no result: {path}: {error}", file=sys.stderr)
        self.without += 1

    def end(self, out: str) -> int:
        """Tells the counts; returns the exit code."""
        if self.replaced:
            print(f"{out}: {self.replaced} files of an earlier run were replaced", file=sys.stderr)
        if self.unwritten:
            print(f"{self.unwritten} files could not be written as asked, named above", file=sys.stderr)
        if self.without:
            print(f"{self.without} of {self.total} images without a result, named above", file=sys.stderr)
        return int(self.without + self.unwritten > 0)
