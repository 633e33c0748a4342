"""Predictions of Depth Anything V2, beside transformers' with the same weights in the same process."""

from functools import partial

import torch
from torch import Tensor, nn

from benchmarks.gpu.flops import model_flops, utilization
from benchmarks.gpu.record import Record, device_name, on_gpu, part_arguments, timed
from benchmarks.peers import MdetoolsDepth, TransformersDepth
from mdetools.weights.formats import to_mdetools
from mdetools.weights.loading import load_matching

DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}
# What the goals need comes first: of each architecture, images, precision, whether compiled.
SETTINGS = {
    "vits": [
        *[(1, precision, False) for precision in ("fp32", "tf32", "bf16")],
        *[(16, precision, False) for precision in ("fp32", "tf32", "bf16", "fp16")],
        (16, "bf16", True),
    ],
    "vitl": [
        *[(1, precision, False) for precision in ("fp32", "tf32", "bf16")],
        *[(16, precision, False) for precision in ("bf16", "tf32", "fp32", "fp16")],
        (16, "bf16", True),
    ],
    "vitb": [(16, precision, False) for precision in ("bf16", "tf32", "fp32", "fp16")],
}


@torch.no_grad()
def vary(model: nn.Module) -> None:
    """Draws weights with which depth varies over the image; as they are built it is the same everywhere."""
    torch.manual_seed(0)
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1 and "embeddings" not in name:
            parameter.normal_(0, parameter[0].numel() ** -0.5)
        if name.endswith("conv3.weight"):  # its inputs are positive: without the mean, logits of both signs come out
            parameter.sub_(parameter.mean())


def build_pair(arch: str) -> dict[str, nn.Module]:
    """Both models, with the same weights."""
    device = "cuda" if on_gpu() else "cpu"
    with torch.device(device):
        theirs, ours = TransformersDepth(arch), MdetoolsDepth(arch)
    ours.model.backbone.pos_embed_offset = None  # as transformers resamples, where 28x28 pixels need it
    vary(theirs)
    load_matching(ours.model, to_mdetools(theirs.model.state_dict(), "transformers"), "transformers")
    return {"transformers": theirs.to(device).eval(), "mdetools": ours.to(device).eval()}


def predict(model: nn.Module, image: Tensor, precision: str) -> Tensor:
    """Depth (B, 1, H, W), metres."""
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    with torch.inference_mode(), torch.autocast(image.device.type, DTYPES.get(precision), precision in DTYPES):
        return model(image)


def measure_model(
    pair: dict, size: int, library: str, arch: str, batch: int, precision: str, compiled: bool
) -> dict[str, float | None]:
    """Speed, memory and utilisation of one of the two."""
    image = torch.randn(batch, 3, size, size, device="cuda" if on_gpu() else "cpu")
    model = torch.compile(pair[library]) if compiled else pair[library]
    row = timed(lambda: predict(model, image, precision), batch)
    if on_gpu():  # where the other library's weights lie too
        row["peak_gb"] -= sum(weight.nbytes for weight in pair[library].parameters()) / 1e9
    mfu = utilization(model_flops(arch, size, training=False), row["images_s"], device_name(), precision)
    return row | {"mfu": mfu}


def compare_outputs(pair: dict, size: int, arch: str, precision: str) -> dict:
    """The largest difference between the two depths, and the deviation over the image, metres."""
    image = torch.randn(2, 3, size, size, device="cuda" if on_gpu() else "cpu")
    torch.backends.cudnn.allow_tf32 = precision != "fp32"
    ours, theirs = (predict(pair[library], image, precision).float() for library in ("mdetools", "transformers"))
    torch.backends.cudnn.allow_tf32 = True
    row = {"difference_m": (ours - theirs).abs().max().item(), "deviation_m": theirs.std().item()}
    if precision == "fp32" and not row["difference_m"] < 0.01 * row["deviation_m"]:
        raise ValueError(f"the libraries disagree for the same weights: {row}")
    return row


def main() -> None:
    """Measures, the most important first; both libraries by turns."""
    args = part_arguments(__doc__)
    record, size = Record(args.out, args.seconds), 28 if args.tiny else 518
    torch.backends.cudnn.benchmark = True
    for arch, settings in SETTINGS.items():
        arch = "tiny" if args.tiny else arch
        pair = record.attempt(build_pair, arch=arch)
        if pair is None:
            continue
        for precision in ("fp32", "bf16"):
            record.measure(partial(compare_outputs, pair, size), arch=arch, precision=precision)
        for batch, precision, compiled in settings:
            batch = min(batch, 2) if args.tiny else batch
            for library in ("transformers", "mdetools"):
                setting = dict(library=library, arch=arch, batch=batch, precision=precision, compiled=compiled)
                record.measure(partial(measure_model, pair, size), **setting)


if __name__ == "__main__":
    main()
