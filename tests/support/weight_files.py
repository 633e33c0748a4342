"""Small valid files of every format that weights come in, and what mutation makes of them."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from support.depth_anything_peer import build_peer, official_state, published_state
from support.models import small_estimator

__all__ = ["WEIGHT_FILES", "hugging_face_folder", "mutated", "tiny_peer", "write_weight_files"]

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


def mutated(content: bytes, draw: random.Random, head: int = 4096) -> bytes:
    """Some bytes flipped, cut, doubled, or replaced by extreme numbers; half of the time near an end, where formats
    keep what they say of themselves.
    """
    content = bytearray(content)
    kind = draw.choice(("flip", "flip", "flip", "cut", "double", "number", "drop"))
    for _ in range(1 if kind in ("cut", "double", "drop") else draw.choice((1, 1, 2, 8))):
        place = draw.randrange(len(content))
        if draw.random() < 0.5:
            place = draw.choice((place % head, -(place % head) - 1)) % len(content)
        length = draw.choice((1, 2, 8, 64, 1024))
        actions: dict[str, Callable[[], bytes]] = {
            "flip": lambda place=place: bytes([content[place] ^ (1 << draw.randrange(8))]),
            "number": lambda: draw.choice((b"\xff" * 8, b"\x00" * 8, b"\x7f" + b"\xff" * 7, b"-1", b"1e400", b"NaN")),
        }
        if kind in actions:
            new = actions[kind]()
            content[place : place + len(new)] = new
        elif kind == "cut":
            del content[place:]
        elif kind == "double":
            content[place:place] = content[place : place + length]
        else:
            del content[place : place + length]
        content = content or bytearray(b"\0")
    return bytes(content)
