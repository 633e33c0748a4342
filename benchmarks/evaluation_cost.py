"""What scoring costs beside predicting, per image of 480x640 on the CPU: python benchmarks/evaluation_cost.py

The forward pass is that of Depth Anything V2 Small in float32 at 476x644, the nearest multiples of its patch size.
Scoring is `DepthMetric.process`: the crop, the alignment, the errors, and their way to the host. All take turns in one
process; figures are medians of rounds, in seconds of the clock and of the CPU.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch

from mdetools.engine.configs.loading import load_config
from mdetools.evaluation import DepthMetric
from mdetools.registry import MODELS

HEIGHT, WIDTH = 480, 640
NETWORK = (476, 644)
GOAL = 0.05
BOUNDARIES = ["boundary_f1_depth_pro", "boundary_f1_moge"]
# What is measured under a protocol; those without errors alone are not held to the goal.
METRICS = {
    "nyu": dict(protocol="nyu"),
    "nyu_eigen": dict(protocol="nyu_eigen"),
    "nyu_median": dict(protocol="nyu_median"),
    "nyu_median_disparity": dict(protocol="nyu_median_disparity"),
    "nyu_lstsq_depth": dict(protocol="nyu_lstsq_depth"),
    "nyu_lstsq_disparity": dict(protocol="nyu_lstsq_disparity"),
    "nyu, three ranges": dict(protocol="nyu", measures=["depth_errors", "depth_ranges:0,2,5,10"]),
    "boundary_f1_depth_pro alone": dict(protocol="nyu", measures=BOUNDARIES[:1]),
    "boundary_f1_moge alone": dict(protocol="nyu", measures=BOUNDARIES[1:]),
}


def scene() -> tuple[dict, list[dict]]:
    """A batch of one image, boxes before a slanted wall with a fifth of the pixels missing, and its prediction."""
    rng = torch.Generator().manual_seed(0)
    depth = torch.linspace(4, 9, WIDTH).repeat(HEIGHT, 1)
    for _ in range(30):
        top, left, distance = (torch.rand(3, generator=rng) * torch.tensor([400.0, 560.0, 6.0])).tolist()
        depth[int(top) : int(top) + 80, int(left) : int(left) + 80] = 1 + distance
    depth = depth[None]
    valid = torch.rand(depth.shape, generator=rng) > 0.2
    predicted = depth * (0.1 * torch.randn(depth.shape, generator=rng)).exp()
    return {"depth": (depth * valid)[None], "valid_mask": valid[None], "meta": {"id": ["scene"]}}, [
        {"depth": predicted}
    ]


def timed(step: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of the clock and of the CPU."""
    clock, cpu = time.perf_counter(), time.process_time()
    step()
    return 1e3 * (time.perf_counter() - clock), 1e3 * (time.process_time() - cpu)


@torch.inference_mode()
def measure(rounds: int) -> dict[str, tuple[float, float]]:
    """Medians over rounds of the forward pass and of each metric."""
    torch.manual_seed(0)
    model = MODELS.build(load_config("configs/dav2/vits_nyu.py").model).eval()
    image = torch.randn(1, 3, *NETWORK)
    batch, predictions = scene()
    steps: dict[str, Callable[[], object]] = {"forward": lambda: model(image)}
    for name, options in METRICS.items():
        metric = DepthMetric(**options)
        steps[name] = lambda metric=metric: metric.process(batch, predictions)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in steps}
    for number in range(rounds + 1):
        for name, step in steps.items():
            milliseconds = timed(step)
            if number:  # the first round warms up
                found[name].append(milliseconds)
    return {name: tuple(map(statistics.median, zip(*values, strict=True))) for name, values in found.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    measured = measure(args.rounds)
    forward = measured.pop("forward")
    print(f"forward pass: {forward[0]:.0f} ms, {forward[1]:.0f} ms of the CPU; {args.threads} threads, float32")
    print(f"{'metric':30}{'ms':>8}{'of the pass':>13}{'CPU ms':>9}{'of the pass':>13}")
    for name, values in measured.items():
        shares = [value / whole for value, whole in zip(values, forward, strict=True)]
        held = "" if name.endswith("alone") or shares[0] <= GOAL else f"  above {GOAL:.0%}"
        print(f"{name:30}{values[0]:8.1f}{shares[0]:13.1%}{values[1]:9.1f}{shares[1]:13.1%}{held}")
