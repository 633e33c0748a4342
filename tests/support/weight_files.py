"""Small valid files of every format that weights come in, and what mutation makes of them."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from support.depth_anything_peer import build_peer, official_state, published_state
from support.models import small_estimator

__all__ = ["WEIGHT_FILES", "hugging_face_folder", "mutated", "rezipped", "tiny_peer", "write_weight_files"]

TINY = dict(hidden_size=32, num_attention_heads=2, num_hidden_layers=4)
CONFIG = """
model = dict(
    backbone=dict(arch='tiny', out_indices=(0, 1, 2, 3), type='DINOv2'),
    head=dict(features=8, out_channels=(8, 8, 8, 8), output=dict(max_depth=10.0, type='SigmoidDepth'), type='DPTHead'),
    type='Estimator')
"""


def tiny_peer(metric: bool = True, max_depth: float = 10, stages: tuple[int, ...] = (1, 2, 3, 4)) -> nn.Module:
    """transformers' Depth Anything whose weights fit `small_estimator`."""
    names = [f"stage{stage}" for stage in stages]
    peer = build_peer(names, TINY, neck=(8, 8, 8, 8), fusion=8, metric=metric)
    peer.config.max_depth = max_depth
    return peer


def hugging_face_folder(folder: Path, peer: nn.Module, sharded: bool = False, binary: bool = False) -> Path:
    """Writes a folder as the published ones are: config, preprocessor and weights; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    peer.config.save_pretrained(folder)
    preprocessor = dict(do_normalize=True, image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor))
    state = {key: value.detach().clone().contiguous() for key, value in published_state(peer).items()}
    save = torch.save if binary else save_file
    whole = "pytorch_model.bin" if binary else "model.safetensors"
    if not sharded:
        save(state, folder / whole)
        return folder
    stem, _, ending = whole.partition(".")
    names, where = list(state), {}
    for index, part in enumerate((names[::2], names[1::2]), start=1):
        shard = f"{stem}-{index:05d}-of-00002.{ending}"
        save({name: state[name] for name in part}, folder / shard)
        where |= dict.fromkeys(part, shard)
    index = {"metadata": {"total_size": 0}, "weight_map": where}
    (folder / f"{whole}.index.json").write_text(json.dumps(index))
    return folder


def write_weight_files(folder: Path) -> dict[str, Path]:
    """Writes one valid file or folder of each format, which all fit `small_estimator()`.

    Returns:
        By the format's name what `read_checkpoint` takes. Besides the file itself, the other files of a Hugging Face
        folder are worth mutating: see `WEIGHT_FILES`.
    """
    peer = tiny_peer()
    ours = {"meta": {"mdetools_version": "1.0", "cfg": CONFIG, "iter": 3}, "state_dict": small_estimator().state_dict()}
    torch.save(ours, folder / "ours.pth")
    torch.save(ours, folder / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save({"model": official_state(peer)}, folder / "official.pth")
    save_file({key: value.clone() for key, value in official_state(peer).items()}, folder / "official.safetensors")
    hugging_face_folder(folder / "hugging_face", peer)
    hugging_face_folder(folder / "sharded", peer, sharded=True)
    hugging_face_folder(folder / "binary", peer, sharded=True, binary=True)
    return {name: folder / path for name, (path, _) in WEIGHT_FILES.items()}


# By format: what is read, and the file of it that is mutated.
WEIGHT_FILES = {
    "ours": ("ours.pth", "ours.pth"),
    "legacy": ("legacy.pth", "legacy.pth"),
    "official": ("official.pth", "official.pth"),
    "safetensors": ("official.safetensors", "official.safetensors"),
    "hugging_face": ("hugging_face", "hugging_face/model.safetensors"),
    "config.json": ("hugging_face", "hugging_face/config.json"),
    "preprocessor_config.json": ("hugging_face", "hugging_face/preprocessor_config.json"),
    "index.json": ("sharded", "sharded/model.safetensors.index.json"),
    "bin_index.json": ("binary", "binary/pytorch_model.bin.index.json"),
    "bin": ("binary", "binary/pytorch_model-00001-of-00002.bin"),
}


def mutated(content: bytes, draw: random.Random) -> bytes:
    """The bytes of a file with some changed. In a zip of torch it may be its pickle alone, with a right checksum."""
    if not content.startswith(b"PK") or draw.random() < 0.5:
        return mutated_bytes(content, draw)
    return rezipped(content, lambda name, held: mutated_bytes(held, draw) if name.endswith("data.pkl") else held)


def mutated_bytes(content: bytes, draw: random.Random, head: int = 4096) -> bytes:
    """Bytes flipped, cut, doubled, dropped, or replaced by extreme numbers; half of the time near an end, where formats
    keep what they say of themselves.
    """
    for _ in range(draw.choice((1, 1, 1, 2, 8))):
        place = draw.randrange(len(content))
        if draw.random() < 0.5:
            place = draw.choice((place % head, -(place % head) - 1)) % len(content)
        length = draw.choice((1, 2, 8, 64, 1024))
        before, held, after = content[:place], content[place : place + length], content[place + length :]
        kind = draw.choice(("flip", "flip", "flip", "cut", "double", "drop", "number"))
        if kind == "flip":
            content = before + bytes([held[0] ^ (1 << draw.randrange(8))]) + held[1:] + after
        elif kind == "number":
            number = draw.choice((b"\xff" * 8, bytes(8), b"\x7f" + b"\xff" * 7, b"-1", b"1e400", b"NaN"))
            content = before + number + content[place + len(number) :]
        else:
            content = before + {"cut": b"", "double": 2 * held + after, "drop": after}[kind]
        content = content or b"\0"
    return content


def rezipped(content: bytes, change: Callable[[str, bytes], bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of torch with its entries changed by `change(name, bytes)`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", compression) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return buffer.getvalue()
