"""The throughput of tools/pseudo_label.py against that of the bare network: python benchmarks/pseudo_label.py

Both label the same images with the same batches, in turns, in one process. The bare network predicts what lies ready on
the device, and its mirror image unless --no-flip. The tool's loop reads, resizes, predicts, brings the maps back to the
image's size, encodes and writes them; the start of its workers and the end of its writers are in its time. The weights
are random, which makes no difference to the time of the network; it makes maps noisier, and so dearer to encode, than
those of a trained one. CPU time, of all processes and threads, is what counts where the network itself takes all cores,
and other programs disturb it less than they do the clock.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.registry import init_default_scope

from mdetools.apis.pseudo_labels import LabelOptions, image_pipeline
from mdetools.apis.pseudo_labels.label_file import FORMATS
from mdetools.apis.pseudo_labels.labelling import write_labels
from mdetools.apis.pseudo_labels.planning import label_paths, share_of
from mdetools.datasets.image_folder import ImageFolderDataset
from mdetools.engine.configs.loading import load_config
from mdetools.models.model_config import without_training
from mdetools.registry import MODELS


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="configs/dav2/vits_relative.py")
    parser.add_argument("--images", type=int, default=16, help="of a round")
    parser.add_argument("--size", type=int, nargs=2, default=(480, 640), metavar=("H", "W"), help="of the images")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--format", choices=FORMATS, default="png16")
    parser.add_argument("--flip", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--amp", choices=["off", "bf16"], default="off")
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--writers", type=int, default=2)
    return parser.parse_args()


def write_images(folder: Path, count: int, size: tuple[int, int]) -> None:
    """Writes JPEGs with the detail of photographs, about."""
    rng = np.random.default_rng(0)
    for index in range(count):
        coarse = rng.integers(0, 256, (size[0] // 16, size[1] // 16, 3), dtype=np.uint8)
        smooth = cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC)
        grain = rng.normal(0, 4, smooth.shape)
        cv2.imwrite(str(folder / f"{index:05d}.jpg"), (smooth + grain).clip(0, 255).astype(np.uint8))


class Watch:
    """Seconds by the clock and of CPU time since it was made."""

    def __init__(self) -> None:
        self.start = self.now()

    @staticmethod
    def now() -> np.ndarray:
        """Clock and CPU time; of other processes that of those which have ended."""
        times = os.times()
        return np.array([time.perf_counter(), sum(times[:4])])

    def read(self) -> np.ndarray:
        """Both, float64 (2,)."""
        return self.now() - self.start


@torch.inference_mode()
def bare_seconds(model: torch.nn.Module, image: torch.Tensor, options: LabelOptions, batches: int) -> np.ndarray:
    """The time of so many batches that lie ready."""
    watch = Watch()
    for _ in range(batches):
        with torch.autocast(image.device.type, torch.bfloat16, enabled=options.amp == "bf16"):
            model.run(image)
            if options.flip:
                model.run(image.flip(-1))
    if image.is_cuda:
        torch.cuda.synchronize()
    return watch.read()


def tool_seconds(model, images: ImageFolderDataset, out: Path, options: LabelOptions) -> np.ndarray:
    """The time of the tool's loop."""
    paths = label_paths(images.names, out, FORMATS[options.format].suffix)
    batches = share_of(len(paths), options.batch_size, 0, 1)
    watch = Watch()
    done = sum(
        reason is None for _, reason in write_labels(model, images, batches, set(range(len(paths))), paths, options)
    )
    seconds = watch.read()
    assert done == len(paths) == len(list(out.iterdir()))
    return seconds


def main() -> None:
    """Measures."""
    args = parse_args()
    options = LabelOptions(
        args.format, args.flip, args.amp, args.batch_size, workers=args.workers, writers=args.writers
    )
    init_default_scope("mdetools")
    cfg = load_config(args.config)
    torch.manual_seed(0)
    model = MODELS.build({**without_training(cfg.model), "flip_test": "mean" if args.flip else None})
    model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "images").mkdir()
        write_images(folder / "images", args.images, tuple(args.size))
        images = ImageFolderDataset(str(folder / "images"), pipeline=image_pipeline(cfg))
        batch = torch.stack([images[index]["image"] for index in range(args.batch_size)])
        image = model.data_preprocessor({"image": batch})["image"]
        batches = args.images // args.batch_size
        bare_seconds(model, image, options, 1)  # warms up
        rounds = []
        for number in range(args.rounds):
            bare = bare_seconds(model, image, options, batches) * args.images / (batches * args.batch_size)
            tool = tool_seconds(model, images, folder / f"labels{number}", options)
            rounds.append(bare / tool)
            print(
                f"round {number + 1}: bare {args.images / bare[0]:.2f} images/s, {bare[1]:.1f} s of CPU time; tool "
                f"{args.images / tool[0]:.2f} images/s, {tool[1]:.1f} s",
                flush=True,
            )
    clock, cpu = np.median(rounds, axis=0)
    print(
        f"network input {image.shape[-2]}x{image.shape[-1]}: the tool has {clock:.1%} of the bare throughput (median)"
    )
    print(f"the bare network takes {cpu:.1%} of the tool's CPU time (median)")


if __name__ == "__main__":
    main()
