"""What the formats of others cannot hold, refused before anything is written."""

from collections.abc import Mapping
from pathlib import Path

from torch import nn

from mdetools.apis.conversion.source import Source
from mdetools.engine.configs.components import title_of
from mdetools.errors import UserError, one_line
from mdetools.models.backbones.dinov2 import DINOv2
from mdetools.models.data_preprocessor import IMAGENET_MEAN, IMAGENET_STD
from mdetools.models.heads.calibrated_output import CalibratedOutput
from mdetools.models.heads.dpt_head import DPTHead
from mdetools.models.heads.outputs import ReluInverseDepth, SigmoidDepth
from mdetools.weights.claims import claims_of_model

__all__ = ["check_holds", "check_network"]

KEEP = "keep it in mdetools' format: --to mdetools, or tools/publish_model.py"
PARTS = {"backbone": DINOv2, "head": DPTHead}


def check_network(model: Mapping, path: Path, to: str) -> None:
    """Checks by the names in a model's config, of which nothing is imported, that a format can hold its network.

    Args:
        model: its config.
        path: of its weights, for the error.
        to: the format.

    Raises:
        UserError: if it cannot.
    """
    for part, kind in PARTS.items() if to != "mdetools" else ():
        config = model.get(part)
        name = title_of(config.get("type", "")).rsplit(".", 1)[-1] if isinstance(config, Mapping) else ""
        if name not in ("", kind.__name__):
            raise UserError(f"'{path}': the format '{to}' cannot hold {_other(name, kind)}")


def check_holds(source: Source, to: str) -> None:
    """Checks that a format of Depth Anything can hold a model.

    Args:
        source: the model.
        to: `official` or `huggingface`.

    Raises:
        UserError: if it cannot, with what it is and what is to be done.
    """
    reason = _of_network(source.model) or _of_output(source.model.head) or _of_numbers(source, to)
    if reason:
        raise UserError(f"'{source.path}': the format '{to}' cannot hold {reason}")


def _of_network(model: nn.Module) -> str | None:
    for name, kind in PARTS.items():
        part = getattr(model, name, None)
        if type(part) is not kind:
            return _other(type(part).__name__, kind)
    return None


def _other(name: str, kind: type) -> str:
    return f"{one_line(name, 80)}, expected {kind.__name__} in its place; {KEEP}"


def _of_output(head: DPTHead) -> str | None:
    output, channels = head.output, head.output_conv3.out_channels
    if isinstance(output, CalibratedOutput):
        return (
            f"a calibration (space {output.space}, scale {output.scale:.6g}, shift {output.shift:.6g}); convert the "
            f"checkpoint that was calibrated, whose maps lack it, or {KEEP}"
        )
    if type(output) not in (SigmoidDepth, ReluInverseDepth):
        return f"the output {type(output).__name__}, expected SigmoidDepth or ReluInverseDepth; {KEEP}"
    return f"{channels} channels of output, expected 1; {KEEP}" if channels != 1 else None


def _of_numbers(source: Source, to: str) -> str | None:
    model, backbone = source.model, source.model.backbone
    claims = claims_of_model(model)
    depth = claims.get("head.output.max_depth", 1)
    if to == "official":
        usual = backbone.usual_out_indices[source.config["backbone"].get("arch", "vits")]
        last = usual[-1]
        if backbone.out_indices not in (usual, tuple(range(last - 3, last + 1))):
            return f"the blocks {backbone.out_indices}, expected those of Depth Anything V2 or the last four; {KEEP}"
        if backbone.out_indices != usual and claims["head.output.type"] == "SigmoidDepth":
            return f"metric depth of the blocks {backbone.out_indices}, of which V1's code makes relative depth; {KEEP}"
        mean, std = (claims[f"data_preprocessor.{name}"] for name in ("mean", "std"))
        if (mean, std) != (IMAGENET_MEAN, IMAGENET_STD):
            return f"the preprocessing mean {mean}, std {std}, expected ImageNet's; {KEEP}"
        return None
    if list(backbone.out_indices) != sorted(backbone.out_indices):
        return f"blocks in the order {backbone.out_indices}, expected a rising one; {KEEP}"
    if any(isinstance(module, nn.BatchNorm2d) for module in model.head.modules()):
        return f"the batch normalisation of use_bn=True; {KEEP}, or convert it --to official"
    if depth != int(depth):
        return f"max_depth {depth}, expected whole metres (transformers refuses others); {KEEP}, or --to official"
    return None
