"""Photometric (L1) and smoothness loss of five stages against grid_sample written out: python benchmarks/photometric.py

Forward and backward, images and finest disparity of 176x608, batch 8. Each variant has a process of its own; they take
turns.
"""

import argparse
import statistics

import torch
import torch.nn.functional as F
from peers import Worker, serve
from torch import Tensor

from mdetools.models.losses import PhotometricLoss, SmoothnessLoss

SIZES = [(176, 608), (88, 304), (44, 152), (22, 76), (11, 38)]
SMOOTHNESS = 0.01
photometric, smoothness = PhotometricLoss("l1"), SmoothnessLoss(SMOOTHNESS)


def mdetools(pyramid: list[Tensor], left: Tensor, right: Tensor) -> Tensor:
    prediction = {"disparity": pyramid[0], "pyramid": pyramid}
    targets = {"image": left, "image_right": right}
    return photometric(prediction, targets) + smoothness(prediction, targets)


def written_out(pyramid: list[Tensor], left: Tensor, right: Tensor) -> Tensor:
    """The least that can be written: no mask, and halving by the fastest way there is."""
    total = 0
    for disparity in pyramid:
        height, width = disparity.shape[-2:]
        if width < left.shape[-1]:
            left = F.interpolate(left, (height, width), mode="bilinear")
            right = F.interpolate(right, (height, width), mode="bilinear")
        x = torch.linspace(-1, 1, width, device=left.device) - disparity[:, 0] * (2 / (width - 1))
        y = torch.linspace(-1, 1, height, device=left.device)[:, None].expand_as(x)
        warped = F.grid_sample(right, torch.stack([x, y], -1), align_corners=True)
        slopes = disparity.diff(dim=3).square().mean() + disparity.diff(dim=2).square().mean()
        total = total + F.l1_loss(warped, left) + SMOOTHNESS * slopes
    return total / len(pyramid)


VARIANTS = {"written_out": written_out, "mdetools": mdetools}


def step_of(variant: str, batch: int):
    """A function that computes value and gradients of the losses on random data."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    left, right = (torch.rand(batch, 3, *SIZES[0], device=device) for _ in range(2))
    pyramid = [torch.rand(batch, 1, *size, device=device) * 0.1 * size[1] for size in SIZES]
    leaves = [disparity.requires_grad_() for disparity in pyramid]

    def step() -> None:
        VARIANTS[variant](leaves, left, right).backward()
        for leaf in leaves:
            leaf.grad = None

    return step


def compare(steps: int, batch: int) -> None:
    workers = [Worker(__file__, variant=variant, batch=batch) for variant in VARIANTS]
    rounds = [[worker.step() for worker in workers] for _ in range(steps + 3)][3:]  # the first do not count
    for worker in workers:
        worker.close()
    print(f"{'variant':<14}{'best ms':>9}{'median ms':>11}{'time':>8}{'peak GB':>9}{'memory':>8}")
    for index, variant in enumerate(VARIANTS):
        seconds = [turns[index][0] for turns in rounds]
        ratio = statistics.median(turns[index][0] / turns[0][0] for turns in rounds)
        peak = rounds[-1][index][1]
        cells = f"{1e3 * min(seconds):>9.1f}{1e3 * statistics.median(seconds):>11.1f}{ratio:>7.2f}x{peak:>9.3f}"
        print(f"{variant:<14}{cells}{peak / rounds[-1][0][1]:>7.3f}x")


if __name__ == "__main__":
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    made.add_argument("--steps", type=int, default=60, help="timed steps of each variant (%(default)s)")
    made.add_argument("--batch", type=int, default=8, help="pairs a step (%(default)s)")
    made.add_argument("--variant", choices=VARIANTS, help=argparse.SUPPRESS)
    made.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    args = made.parse_args()
    if args.one:
        serve(step_of(args.variant, args.batch))
    else:
        compare(args.steps, args.batch)
