"""The model that a Hugging Face Depth Anything folder describes, as a config of mdetools."""

from pathlib import Path

import torch

from mdetools.errors import UserError, one_line
from mdetools.models.backbones.dinov2 import ARCHITECTURES
from mdetools.registry import BACKBONES
from mdetools.weights.folders import INDEX, WHOLE, read_json
from mdetools.weights.hugging_face import claims_of_folder
from mdetools.weights.hugging_face_files import OWN

__all__ = ["parts_of_folder"]


def parts_of_folder(path: Path) -> dict[str, dict] | None:
    """What `published_parts` gives of a config, from the JSON files of a folder; None if there are none.

    Position embeddings are resampled as transformers does it, to the exact size, unless mdetools wrote the folder,
    which notes the model's own way.

    Args:
        path: the folder, or its file of weights or index.

    Raises:
        UserError: if the JSON files are damaged, or describe no model that mdetools has.
    """
    claims = claims_of_folder(path)
    if not claims:
        return None
    folder = path.parent if path.name in WHOLE or path.name.endswith(INDEX) else path
    config = read_json(folder / "config.json")
    backbone = config.get("backbone_config") or {}
    arch = _architecture(backbone, folder / "config.json")
    output = {name.removeprefix("head.output."): v for name, v in claims.items() if name.startswith("head.output.")}
    offset = config[OWN].get("pos_embed_offset") if isinstance(config.get(OWN), dict) else None
    vit = {"type": "DINOv2", "arch": arch, "pos_embed_offset": offset}
    if "backbone.out_indices" in claims:
        vit["out_indices"] = list(claims["backbone.out_indices"])
    head = {
        "type": "DPTHead",
        "features": config.get("fusion_hidden_size", 64),
        "out_channels": config.get("neck_hidden_sizes", [48, 96, 192, 384]),
        "output": output,
    }
    names = ("mean", "std")
    said = {name: list(claims[f"data_preprocessor.{name}"]) for name in names if f"data_preprocessor.{name}" in claims}
    model = {"type": "Estimator", "backbone": vit, "head": head, **({"data_preprocessor": said} if said else {})}
    return {"model": model, "resize": _resize(folder)}


def _architecture(backbone: dict, file: Path) -> str:
    """The name of the vision transformer of a width; `config.json` says the numbers alone."""
    width = backbone.get("hidden_size", 384)
    widths = []
    for arch in ARCHITECTURES:
        with torch.device("meta"):
            widths.append(BACKBONES.build({"type": "DINOv2", "arch": arch}).channels[0])
        if widths[-1] == width:
            return arch
    raise UserError(
        f"'{file}': hidden_size is {one_line(repr(width), 60)}, expected one of {sorted(widths)}, which mdetools has; "
        "give the model's config"
    )


def _resize(folder: Path) -> dict:
    file = folder / "preprocessor_config.json"
    said = read_json(file) if file.is_file() else {}
    size = said.get("size")
    size = size if isinstance(size, dict) else {}
    return {
        "type": "Resize",
        "size": [size.get("height", 518), size.get("width", 518)],
        "multiple_of": said.get("ensure_multiple_of", 14),
        "keep_aspect": said.get("keep_aspect_ratio", True),
    }
