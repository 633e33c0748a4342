"""A whole training run in about a second: a data set, an architecture, a config, and a hook that kills.

Configs name this module in `custom_imports`, so it is a plugin as a user would write one.
"""

import contextlib
import errno
import importlib
import io
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import cv2
import h5py
import numpy as np
import torch
from mmengine.hooks import Hook
from timm.models import register_model
from timm.models.vision_transformer import VisionTransformer

from mdetools.engine.configs.loading import load_config
from mdetools.engine.training import apply_train_options, run_training
from mdetools.models.backbones import dinov2
from mdetools.registry import HOOKS
from support.paths import ROOT

__all__ = [
    "FullDiskHook",
    "KillHook",
    "free_port",
    "in_child",
    "in_two_processes",
    "tiny_config",
    "train",
    "write_nyu_frames",
]

# What a run imports on its way; a parent that has them need not wait for them in each child.
IMPORTED_LATER = ["albumentations", "matplotlib.figure", "torch.utils.tensorboard", "mdetools.engine.hooks"]


@register_model
def tiny_vit_patch14_test(pretrained: bool = False, **options) -> VisionTransformer:
    """A vision transformer of DINOv2's form with a hundred thousand weights."""
    own = {
        key: value
        for key, value in options.items()
        if key in ("num_classes", "img_size", "drop_path_rate", "init_values")
    }
    return VisionTransformer(patch_size=14, embed_dim=32, depth=4, num_heads=2, **own)


dinov2.ARCHITECTURES["tiny"] = SimpleNamespace(timm_name="tiny_vit_patch14_test", out_indices=(0, 1, 2, 3))


def die() -> None:
    """Ends this process at once, as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def save_half_and_die(checkpoint: dict, file: io.BufferedWriter) -> None:
    """In place of `torch.save`: half of the bytes reach the disk."""
    buffer = io.BytesIO()
    torch.serialization.save(checkpoint, buffer)
    file.write(buffer.getvalue()[: buffer.tell() // 2])
    file.flush()
    os.fsync(file.fileno())
    die()


@HOOKS.register_module()
class KillHook(Hook):
    """Kills the process.

    Args:
        moment: "step" (after a training step and its checkpoint), "writing" (half-way through a checkpoint) or
            "validation".
        iteration: the number of finished iterations at that moment.
    """

    changes_training = False  # up to the kill
    priority = "LOWEST"  # after CheckpointHook

    def __init__(self, moment: str, iteration: int) -> None:
        self.moment = moment
        self.iteration = iteration

    def after_train_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        if self.moment == "step" and runner.iter + 1 == self.iteration:
            die()

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        if self.moment == "writing" and checkpoint["meta"]["iter"] == self.iteration:
            torch.save = save_half_and_die

    def after_val_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        if self.moment == "validation" and runner.iter == self.iteration and batch_idx == 1:
            die()


@HOOKS.register_module()
class EpochsHook(Hook):
    """Writes what MMEngine's helpers say at the end of each epoch."""

    changes_training = False

    def __init__(self, file: str) -> None:
        self.file = file

    def after_train_epoch(self, runner) -> None:
        second = ":second" if self.every_n_epochs(runner, 2) else ""
        last = ":last" if self.is_last_train_epoch(runner) else ""
        with Path(self.file).open("a") as file:
            file.write(f"{runner.epoch}{second}{last}\n")


def fill_disk(checkpoint: dict, file: io.BufferedWriter) -> None:
    """In place of `torch.save`: the disk is full after a kilobyte."""
    file.write(bytes(1000))
    raise OSError(errno.ENOSPC, "No space left on device")


@HOOKS.register_module()
class FullDiskHook(Hook):
    """Lets the disk be full when the checkpoint of `iteration` is written."""

    changes_training = False

    def __init__(self, iteration: int) -> None:
        self.iteration = iteration

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        if checkpoint["meta"]["iter"] == self.iteration:
            torch.save = fill_disk


def write_nyu_frames(folder: Path, train: int = 7, val: int = 5, size: tuple[int, int] = (40, 56)) -> Path:
    """Writes smooth random images with depth, with a few holes, in the FastDepth layout; returns `folder`."""
    rng = np.random.default_rng(0)
    for split, count in (("train", train), ("val", val)):
        scene = folder / split / "scene"
        scene.mkdir(parents=True)
        for index in range(count):
            coarse = rng.random((5, 7, 4), dtype=np.float32)
            smooth = cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC).clip(0, 1)
            depth = 1 + 5 * smooth[..., 3]
            depth[rng.random(size) < 0.05] = 0
            with h5py.File(scene / f"{index:05d}.h5", "w") as file:
                file["rgb"] = (255 * smooth[..., :3]).astype(np.uint8).transpose(2, 0, 1)
                file["depth"] = depth
    return folder


def tiny_config(path: Path, data_root: Path, arch: str = "tiny") -> Path:
    """Writes a config on top of configs/dav2/vits_nyu.py, 2 epochs of 3 iterations on 28x28, and returns `path`."""
    path.write_text(f"""
_base_ = ["{ROOT}/configs/dav2/vits_nyu.py"]
custom_imports = dict(imports=["support.tiny_training"], allow_failed_imports=False)
model = dict(
    backbone=dict(arch="{arch}", out_indices=(0, 1, 2, 3)), head=dict(features=8, out_channels=[8, 8, 8, 8])
)
train_cfg = dict(max_epochs=2)
_loader = dict(num_workers=0, persistent_workers=False)
train_dataloader = dict(
    batch_size=2,
    dataset=dict(
        data_root="{data_root}",
        pipeline=dict(
            _delete_=True,
            flip=dict(type="RandomHorizontalFlip"),
            colour=dict(type="Albumentations", transforms=[dict(type="ColorJitter"), dict(type="GaussNoise")]),
            resize=dict(type="Resize", size=28),
            crop=dict(type="RandomCrop", size=28),
            pack=dict(type="PackSample"),
        ),
    ),
    **_loader,
)
val_dataloader = dict(dataset=dict(data_root="{data_root}", pipeline=dict(resize=dict(size=28))), **_loader)
test_dataloader = val_dataloader
optim_wrapper = dict(optimizer=dict(lr=1e-3))
default_hooks = dict(
    logger=dict(interval=1), checkpoint=dict(interval_iters=1, max_keep=2), pictures=dict(images=1)
)
""")
    return path


def train(
    config: Path,
    work_dir: Path,
    options: dict | None = None,
    resume: str | None = None,
    launcher="none",
    resume_with: Sequence[str] = (),
) -> None:
    """Trains in this process as tools/train.py does."""
    cfg = load_config(str(config), options)
    apply_train_options(cfg, str(work_dir), resume, launcher=launcher)
    run_training(cfg, resume_with)


def _quietly(log: Path, environment: dict[str, str], function, args: tuple) -> None:
    """Runs in a forked child, with its output in a file."""
    os.environ.update(environment)
    torch.set_num_threads(1)  # a fork has no threads of the parent's pool, and waits for them for ever
    np.random.seed()  # a fork would draw what its parent draws, a new process does not
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.stdout, sys.stderr = os.fdopen(1, "w", buffering=1), os.fdopen(2, "w", buffering=1)
    function(*args)


def _start(log: Path, environment: dict[str, str], function, args: tuple) -> multiprocessing.Process:
    for name in IMPORTED_LATER:
        importlib.import_module(name)
    process = multiprocessing.get_context("fork").Process(target=_quietly, args=(log, environment, function, args))
    time.sleep(0.05)  # a joined thread may still be ending with a lock of OpenCV's, for which the fork would wait
    process.start()
    return process


def _wait(process: multiprocessing.Process, seconds: float = 60) -> int | None:
    """The exit code. `join` with a timeout would wait for orphaned loader processes too."""
    deadline = time.monotonic() + seconds
    while process.exitcode is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return process.exitcode


def in_child(log: Path, function, *args, seconds: float = 60) -> int:
    """Runs `function(*args)` in a forked process, which has all imports already; returns its exit code (-9: killed)."""
    return _wait(_start(log, {}, function, args), seconds)


def free_port() -> int:
    """A port that no one listens at."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def in_two_processes(log: Path, function, *args) -> int:
    """Runs `function(*args)` in two forked processes with a launcher's variables.

    Returns:
        The exit code of rank 0; once it has died rank 1 is killed too, as a launcher does.
    """
    common = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    ranks = [_start(log, {**common, "RANK": str(rank), "LOCAL_RANK": str(rank)}, function, args) for rank in range(2)]
    code = _wait(ranks[0])
    if code != 0:
        ranks[1].kill()
    _wait(ranks[1])
    return code
