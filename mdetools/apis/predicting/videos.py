"""One video through a model."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from mdetools.apis.inference.result import Result
from mdetools.apis.inference.video import read_video
from mdetools.apis.inferencer import DepthInferencer
from mdetools.apis.predicting.drawing import Limits, color_range, frame_picture
from mdetools.apis.predicting.options import RunOptions
from mdetools.apis.predicting.video_file import Smoother, video_file
from mdetools.apis.predicting.writing import Written, write_files
from mdetools.apis.saving import Format
from mdetools.contract import QUANTITIES
from mdetools.errors import UserError
from mdetools.progress import track

__all__ = ["predict_video"]

SAMPLED = 32  # frames that tell the range of a whole video
EVERY = 4  # pixels of their rows and columns
MISSING = 0.02  # of the frames that a header declares, more of which are an error


def predict_video(
    inferencer: DepthInferencer,
    path: str,
    target: str,
    options: RunOptions,
    formats: list[Format],
    camera: Mapping,
    check: Callable[[Path, Written], None],
) -> Written:
    """Writes the video of a prediction, at the rate and size of the source, and each frame's files in a folder.

    Args:
        inferencer: the model.
        path: of the source.
        target: of the results, below the output folder.
        options: of the run.
        formats: of the files.
        camera: `focal_length` and `baseline`, as `DepthInferencer.stream` takes them.
        check: is called with each path before it is written.

    Raises:
        UserError: if the source is no video, or the model predicts what is not drawn.
    """
    written, base = Written(path), Path(options.out, target)
    limits = whole_range(inferencer, path, options, camera) if options.one_range else None
    with_source = read_video(path, chosen=[0])
    rate, count = with_source.rate, with_source.count
    with_source.frames.close()
    stream = inferencer.stream(path, keep_images=True, **camera)
    frames = smoothed(track(stream, count, Path(path).name) if count else stream, options.smooth)
    first = next(frames)
    name = drawn_name(first)
    place = base.with_name(f"{base.name}_{name}.mp4")
    check(place, written)
    done = 0
    with video_file(place, rate) as video:
        for result in chain_first(first, frames):
            video.add(frame_picture(result, options, limits))
            write_files(result, base / f"{result.frame:06d}", formats, written, check)
            done += 1
    unit = QUANTITIES[name].unit
    written.lines = [f"{place}: {done} frames of {name}{unit and ' in ' + unit}"]
    if done < (1 - MISSING) * count:
        written.errors.append(f"{path}: only {done} of {count} frames can be read; copy it again, or convert it")
    return written


def drawn_name(result: Result) -> str:
    """The quantity of a result, which a video can show.

    Raises:
        UserError: if it cannot.
    """
    if result.map is None or QUANTITIES[result.quantity].picture not in ("map", "classes"):
        raise UserError(f"no video is drawn of '{result.quantity}'; give single pictures and --save npy")
    return result.quantity


def chain_first(first: Result, others: Iterator[Result]) -> Iterator[Result]:
    """The results from the first one on."""
    yield first
    yield from others


def smoothed(results: Iterator[Result], weight: float) -> Iterator[Result]:
    """Results of a video's frames, smoothed over time unless the weight is 0; classes stay as they are."""
    smooth = Smoother(weight)
    for result in results:
        quantity = QUANTITIES[result.quantity]
        if weight and result.map is not None and quantity.picture == "map":
            result = replace(result, map=smooth(result.map, quantity.relative))
        yield result


def whole_range(inferencer: DepthInferencer, path: str, options: RunOptions, camera: Mapping) -> Limits:
    """The range of colours of a whole video, from frames that are spread over it evenly."""
    count = read_count(path)
    chosen = np.unique(np.linspace(0, max(count - 1, 0), SAMPLED).astype(int)) if count else np.arange(SAMPLED)
    frames = read_video(path, chosen.tolist()).frames
    values = [result.map[..., ::EVERY, ::EVERY].ravel() for result in inferencer.stream(frames, **camera)]
    return color_range(np.concatenate(values), options)


def read_count(path: str) -> int:
    """How many frames a video's header declares."""
    video = read_video(path, chosen=[0])
    video.frames.close()
    return video.count
