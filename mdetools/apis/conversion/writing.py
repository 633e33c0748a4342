"""Writing a model in each format."""

import json
from pathlib import Path

from mmengine.config import Config

from mdetools import __version__
from mdetools.apis.conversion.source import Source
from mdetools.datasets.transforms.geometric import Resize
from mdetools.engine.checkpoints.files import write_checkpoint
from mdetools.files import replacing, write_text
from mdetools.models.backbones.dinov2 import PATCH_SIZE
from mdetools.registry import TRANSFORMS
from mdetools.weights.claims import claims_of_model
from mdetools.weights.hugging_face_files import model_json, preprocessor_json
from mdetools.weights.others import Written, to_hugging_face, to_official

__all__ = ["FOLDER_FILES", "write_folder", "write_official", "write_own"]

ADVICE = "{cure} and run it again"
FOLDER_FILES = ("config.json", "preprocessor_config.json", "model.safetensors")


def write_own(source: Source, out: Path) -> Path:
    """Writes a checkpoint of mdetools, which says what its model is; not what it was trained on.

    Raises:
        UserError: if the file cannot be written.
    """
    pipeline = {"resize": dict(source.resize), "pack": {"type": "PackSample"}}
    config = Config({"model": source.config, "test_dataloader": {"dataset": {"pipeline": pipeline}}})
    meta = {"mdetools_version": __version__, "cfg": config.pretty_text}
    write_checkpoint({"meta": meta, "state_dict": source.state}, out, ADVICE)
    return out


def write_official(source: Source, out: Path) -> tuple[Written, list[Path]]:
    """Writes a file as the released ones of Depth Anything are: a state dict alone.

    Raises:
        UserError: if the file cannot be written.
    """
    written = to_official(source.state)
    write_checkpoint(written.state, out, ADVICE)
    return written, [out]


def write_folder(source: Source, out: Path) -> tuple[Written, list[Path]]:
    """Writes a Hugging Face folder, the weights last.

    Raises:
        UserError: if a file of it cannot be written.
    """
    from safetensors.torch import save_file

    written, claims = to_hugging_face(source.state), claims_of_model(source.model)
    resize: Resize = TRANSFORMS.build(dict(source.resize))
    heads = source.model.backbone.vit.blocks[0].attn.num_heads
    described = (
        model_json(source.state, claims, heads, PATCH_SIZE),
        preprocessor_json(claims, resize.size, resize.multiple_of, resize.keep_aspect),
    )
    *texts, weights = files = [out / name for name in FOLDER_FILES]
    for file, content in zip(texts, described, strict=True):
        write_text(file, json.dumps(content, indent=2) + "\n")
    with replacing(weights) as temporary:
        save_file({name: value.contiguous() for name, value in written.state.items()}, temporary, {"format": "pt"})
    return written, files
