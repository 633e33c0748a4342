"""Training steps of Depth Anything V2, through the model, its preprocessor, its losses and its optimiser wrapper."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import torch
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from torch import Tensor

from benchmarks.gpu.flops import model_flops, utilization
from benchmarks.gpu.kernels import costliest_kernels
from benchmarks.gpu.loader import make_frames, measure_loader
from benchmarks.gpu.record import Record, device_name, on_gpu, part_arguments, timed
from benchmarks.peers import MAX_DEPTH, config_of
from mdetools.engine.hooks import ChannelsLastHook, CompileHook
from mdetools.registry import MODELS

# Architecture, images, precision, whether compiled, whether channels last. What the goals need comes first, but
# compiling ViT-L takes most of a minute: what is quick comes before it.
SETTINGS = [
    ("vitl", 11, "bf16", False, False),
    ("vits", 11, "bf16", False, False),
    ("vitb", 11, "bf16", False, False),
    ("vitl", 11, "bf16", True, False),
    ("vits", 11, "bf16", True, False),
    ("vitl", 11, "fp16", False, False),
    ("vitl", 11, "bf16", False, True),
    ("vitl", 11, "tf32", False, False),
    ("vits", 11, "tf32", False, False),
    ("vits", 44, "bf16", False, False),
    ("vitl", 32, "bf16", False, False),
    ("vits", 11, "fp32", False, False),
    ("vits", 11, "fp16", False, False),
    ("vits", 11, "bf16", False, True),
    ("vitb", 11, "tf32", False, False),
    ("vitb", 11, "fp32", False, False),
    ("vitl", 11, "fp32", False, False),
    ("vitb", 11, "bf16", True, False),
]
AMP = {dtype: dict(type="AmpOptimWrapper", dtype=dtype) for dtype in ("bf16", "fp16")}
KEYS = ("arch", "batch", "precision", "compiled", "channels_last")


def random_batch(batch: int, size: int) -> dict[str, Tensor]:
    """As the loader gives it: on the host, where there is a GPU in pinned memory."""
    depth = torch.rand(batch, 1, size, size) * MAX_DEPTH
    image = torch.randint(0, 256, (batch, 3, size, size), dtype=torch.uint8)
    values = {"image": image, "depth": depth, "valid_mask": depth > 1e-3}
    return {name: value.pin_memory() if on_gpu() else value for name, value in values.items()}


def trainer_of(arch: str, precision: str, compiled: bool = False, channels_last: bool = False):
    """A function that takes a training step on a batch, as the config of `arch` trains."""
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.benchmark = True
    cfg = config_of(arch)
    with torch.device("cuda" if on_gpu() else "cpu"):
        model = MODELS.build(cfg.model)
    model = model.to("cuda" if on_gpu() else "cpu").train()
    runner = SimpleNamespace(bare_model=model, distributed=False)
    if channels_last:
        ChannelsLastHook().before_run(runner)
    cfg.optim_wrapper.pop("dtype", None)
    cfg.optim_wrapper.update(AMP.get(precision, dict(type="OptimWrapper")))
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    wrapper.initialize_count_status(model, 0, 10**6)
    if compiled:
        torch.compiler.reset()
        CompileHook().before_train(runner)
    return lambda batch: model.train_step(batch, wrapper)


def measure_step(size: int, arch: str, batch: int, precision: str, compiled: bool, channels_last: bool) -> dict:
    """Speed, memory and utilisation of a training step."""
    train, data = trainer_of(arch, precision, compiled, channels_last), random_batch(batch, size)
    row = timed(lambda: train(data), batch)
    flops = model_flops(arch, size, training=True)
    return row | {"gflops": flops / 1e9, "mfu": utilization(flops, row["images_s"], device_name(), precision)}


def measure_beside(record: Record, folder: Path, images: int, size: int, arch: str, batch: int) -> None:
    """The loader's share, on the fastest of the models."""
    make_frames(folder, images)
    record.measure(lambda loader: measure_loader(folder, size, batch), loader="alone")
    fed = f"with a step of {arch} in bf16"
    record.measure(lambda loader: measure_loader(folder, size, batch, trainer_of(arch, "bf16")), loader=fed)


def main() -> None:
    """Measures, the most important first."""
    args = part_arguments(__doc__)
    init_default_scope("mdetools")
    record, size = Record(args.out, args.seconds), 28 if args.tiny else 518

    def profile(profile: str, arch: str, precision: str, batch: int) -> dict:
        train, data = trainer_of(arch, precision), random_batch(batch, size)
        return {"kernels": costliest_kernels(lambda: train(data))}

    for index, setting in enumerate(SETTINGS):
        arch, batch, *rest = ("tiny", 2, *setting[2:]) if args.tiny else setting
        record.measure(partial(measure_step, size), **dict(zip(KEYS, (arch, batch, *rest), strict=True)))
        if index == 0:
            record.measure(profile, profile="of a step", arch=arch, precision="bf16", batch=batch)
        if index == 1:
            measure_beside(record, args.out.parent / "nyu", 8 if args.tiny else 176, size, arch, batch)


if __name__ == "__main__":
    main()
