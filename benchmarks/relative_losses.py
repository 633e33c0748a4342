"""What each loss learns of inverse depths whose scales and shifts are lost: python benchmarks/relative_losses.py

Ray-cast rooms are dealt out to sets, and the inverse depth x of each frame becomes a x + b: a from 0.1 to 10, uniform
in its logarithm, and b from 0 to 5 (1/m), half of each drawn for the set and half for the frame. The same network is
trained by one loss after another, from the same weights, on the same batches in the same order, as long. Printed are
abs_rel on other rooms, whose depth is true, after an alignment by least squares in inverse depth (protocol
nyu_lstsq_disparity): the mean over seeds, that by the mean of L1, and each seed. The same of a constant, too.
"""

import argparse
import os
import statistics

os.environ.update(NO_ALBUMENTATIONS_UPDATE="1")

import numpy as np
import torch
from torch import Tensor

from mdetools.evaluation import DEPTH_ERRORS, evaluate_image, get_protocol
from mdetools.progress import track
from mdetools.registry import MODELS
from mdetools.synthetic.writers.nyu import NYUSettings, render_frame

SIZE = (48, 64)
BATCH = 8
SETS = 4
LOSSES = {
    "L1": [dict(type="L1Loss")],
    "affine-invariant": [dict(type="AffineInvariantLoss")],
    "affine-invariant + 2 gradient": [dict(type="AffineInvariantLoss"), dict(type="GradientMatchingLoss", weight=2.0)],
    "scale-shift-invariant": [dict(type="ScaleShiftInvariantLoss", unit_target=True)],
}


def rooms(split: str, count: int) -> tuple[Tensor, Tensor]:
    """Images uint8 (N, 3, H, W), and depth (N, 1, H, W), metres, 0 where there is none."""
    settings = NYUSettings(*SIZE)
    frames = [render_frame(settings, split, index) for index in track(range(count), count, f"{split} rooms")]
    images, depths = (torch.from_numpy(np.stack([frame[key] for frame in frames])) for key in ("rgb", "depth"))
    return images, depths[:, None].float()


def lost_scales(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """For each frame a and b, (N, 1, 1, 1): those of its set after those of its own."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(SETS, size=count)
    scale, shift = 10 ** rng.uniform(-0.5, 0.5, SETS), rng.uniform(0, 2.5, SETS)
    scales, shifts = scale[kind] * 10 ** rng.uniform(-0.5, 0.5, count), shift[kind] + rng.uniform(0, 2.5, count)
    return tuple(torch.from_numpy(values).float().view(-1, 1, 1, 1) for values in (scales, shifts))


def network(losses: list[dict], seed: int) -> torch.nn.Module:
    """A tiny ResNet and DPT head (0.6 M weights), which predict inverse depth; from random weights."""
    torch.manual_seed(seed)
    backbone = dict(type="TimmBackbone", name="test_resnet")
    output = dict(type="ReluInverseDepth")
    head = dict(type="DPTHead", features=32, out_channels=(32, 32, 32, 32), output=output)
    named = {f"loss_{index}": loss for index, loss in enumerate(losses)}
    return MODELS.build(dict(type="Estimator", backbone=backbone, head=head, losses=named))


def train(losses: list[dict], data: tuple[Tensor, Tensor], epochs: int, lr: float, seed: int) -> torch.nn.Module:
    """Trains on frames whose inverse depth has lost its scale and shift."""
    images, depths = data
    scales, shifts = lost_scales(len(images), seed)
    valid = depths > 0
    wanted = torch.where(valid, scales / depths.clamp(min=1e-3) + shifts, 0)
    model = network(losses, seed).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01)
    steps = epochs * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps, pct_start=0.1)
    order = np.random.default_rng(seed)
    for _ in range(epochs):
        for chosen in torch.from_numpy(order.permutation(len(images))).split(BATCH):
            if len(chosen) < BATCH:
                continue
            batch = dict(image=images[chosen], inverse_depth=wanted[chosen], valid_mask=valid[chosen])
            total = sum(model(**model.data_preprocessor(batch, training=True), mode="loss").values())
            optimizer.zero_grad()
            total.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return model.eval()


@torch.inference_mode()
def abs_rel(model: torch.nn.Module | None, data: tuple[Tensor, Tensor]) -> float:
    """Mean over images, each aligned by least squares in inverse depth; of a constant, where there is no model."""
    protocol, column = get_protocol("nyu_lstsq_disparity"), DEPTH_ERRORS.index("abs_rel")
    errors = []
    for image, depth in zip(*data, strict=True):
        values = torch.ones_like(depth)
        if model is not None:
            values = model(model.data_preprocessor(dict(image=image[None]))["image"])["inverse_depth"][0]
        errors.append(evaluate_image({"inverse_depth": values}, depth, depth > 0, protocol)[column].item())
    return statistics.mean(errors)


def report(name: str, values: list[float], reference: float) -> None:
    """Prints a line of the table."""
    mean, each = statistics.mean(values), " ".join(f"{value:.3f}" for value in values)
    print(f"{name:<32}{mean:>8.3f}{mean / reference:>7.2f}  {each}", flush=True)


def main(args: argparse.Namespace) -> None:
    """Prints a line for each loss."""
    data, others = rooms("train", args.rooms), rooms("val", args.val)
    found = {}
    print(f"{'loss':<32}{'abs_rel':>8}{'by L1':>7}  seeds")
    for name, losses in LOSSES.items():
        seeds = range(args.seeds)
        found[name] = [abs_rel(train(losses, data, args.epochs, args.lr, seed), others) for seed in seeds]
        report(name, found[name], statistics.mean(found["L1"]))
    report("a constant", [abs_rel(None, others)], statistics.mean(found["L1"]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rooms", type=int, default=240, help="frames to train on (%(default)s)")
    parser.add_argument("--val", type=int, default=40, help="frames to test on (%(default)s)")
    parser.add_argument("--epochs", type=int, default=8, help="%(default)s")
    parser.add_argument("--seeds", type=int, default=3, help="%(default)s")
    parser.add_argument("--lr", type=float, default=3e-3, help="highest learning rate (%(default)s)")
    main(parser.parse_args())
