"""configs/garg/alexnet_kitti.py as it stands, on ray-cast pairs, for as many epochs as the time allows."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.gpu.loader import cores
from benchmarks.gpu.record import Record, part_arguments

CONFIG = "configs/garg/alexnet_kitti.py"
EPOCHS = 100  # of the config
RESERVE = 0.85  # what of the time that is left the training may plan with


def tool(name: str, *arguments) -> str:
    """Runs `tools/<name>.py`; what it printed.

    Raises:
        RuntimeError: if it failed, with the last line.
    """
    command = [sys.executable, f"tools/{name}.py", *map(str, arguments)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if answer.returncode:
        raise RuntimeError(f"tools/{name}.py: {answer.stdout.strip().splitlines()[-1]}")
    return answer.stdout


def epochs_that_fit(left: float, start_up: float, epoch: float, validation: float) -> int:
    """How many epochs a training and a test have time for, where every fifth epoch is validated.

    >>> epochs_that_fit(200.0, start_up=20.0, epoch=1.0, validation=5.0)
    65
    """
    per_epoch = epoch + validation / 5
    return max(1, min(EPOCHS, int((RESERVE * left - 2 * start_up) / per_epoch)))


def train(data: Path, folder: Path, epochs: int) -> tuple[float, float]:
    """Trains; seconds of the whole run, and training pairs per second at its end."""
    start = time.perf_counter()
    options = [f"train_dataloader.num_workers={cores()}", f"train_cfg.max_epochs={epochs}"]
    tool("train", CONFIG, "--data-root", data, "--work-dir", folder, "--cfg-options", *options)
    lines = next(folder.glob("*/vis_data/scalars.json")).read_text().splitlines()
    speeds = [row["images_per_second"] for row in map(json.loads, lines) if "images_per_second" in row]
    return time.perf_counter() - start, speeds[-1]


def main() -> None:
    """Makes the pairs, trains for one epoch to learn the speed, then trains and tests."""
    args = part_arguments(__doc__)
    record, folder = Record(args.out, args.seconds), args.out.parent / "stereo"
    pairs, images = (16, 4) if args.tiny else (600, 100)

    def make(data: str) -> dict:
        start = time.perf_counter()
        tool("make_synthetic", "kitti", folder / "data", "--train", pairs, "--val", images)
        return {"pairs": pairs + images, "frames_s": (pairs + images) / (time.perf_counter() - start)}

    def whole(training: str) -> dict:
        seconds, speed = train(folder / "data", folder / "first", epochs=1)
        epoch = pairs / speed
        rest = max(seconds - epoch, 1.0)  # start, and one validation
        epochs = 2 if args.tiny else epochs_that_fit(record.left(), rest, epoch, validation=rest / 4)
        print(f"an epoch takes {epoch:.1f} s, all else {rest:.1f} s: {epochs} epochs", flush=True)
        seconds, speed = train(folder / "data", folder / "run", epochs)
        return {"epochs": epochs, "of": EPOCHS, "pairs_s": speed, "training_s": seconds}

    def test(test: str) -> dict:
        checkpoint = max((folder / "run").glob("epoch_*.pth"), key=lambda path: int(re.sub(r"\D", "", path.stem)))
        options = ["--data-root", folder / "data", "--work-dir", folder / "run", "--baseline"]
        printed = tool("test", CONFIG, checkpoint, *options)
        scores = json.loads((folder / "run" / "results.json").read_text())["mean"]
        return {"abs_rel": scores["abs_rel"], "d1": scores["d1"], "table": printed.splitlines()[-5:]}

    record.measure(make, data="ray-cast pairs of 188x620")
    record.measure(whole, training=CONFIG)
    record.measure(test, test=CONFIG)


if __name__ == "__main__":
    main()
