"""A calibrated checkpoint, and the config beside it that says the same."""

import copy
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from mmengine.config import Config
from torch import Tensor, nn

from mdetools import __version__
from mdetools.apis.calibration.fitting import Fit
from mdetools.engine.checkpoints.files import write_checkpoint
from mdetools.engine.configs.evaluators import depth_metrics_of
from mdetools.engine.configs.loading import load_config
from mdetools.engine.configs.reading import config_files
from mdetools.engine.process.preflight import check_output_file
from mdetools.errors import UserError
from mdetools.evaluation import get_protocol
from mdetools.files import write_text
from mdetools.registry import MODELS

__all__ = ["calibrated_config", "check_places", "output_of", "unaligned", "write_calibrated"]

WRITTEN = "Written by tools/calibrate.py."  # how the config begins
EVALUATORS = ("val_evaluator", "test_evaluator")


def check_places(out: Path, config: str, checkpoint: str) -> None:
    """Checks that the checkpoint and the config beside it can be written, and would replace nothing of others.

    Raises:
        UserError: if they would replace what is read, bases of the config too, or a file that no calibration wrote.
    """
    if out.suffix != ".pth":
        raise UserError(f"--out '{out}': expected a name that ends in .pth; the config is written beside it as .py")
    beside = out.with_suffix(".py")
    sources = [path for path in (Path(checkpoint), *config_files(config)) if path.exists()]
    for path in (out, beside):
        check_output_file(path, "--out")
        source = next((source for source in sources if path.exists() and path.samefile(source)), None)
        if source is not None:
            raise UserError(f"--out '{out}' would replace '{source}', which it is made from; choose another name")
    own = beside.is_file() and beside.read_text(errors="replace").startswith(f"# {WRITTEN}")
    other = next((path for path in (beside, out) if path.exists() and not own), None)
    if other is not None:
        raise UserError(f"--out '{out}' would replace '{other}', which no calibration wrote; choose another name")


def output_of(cfg: Config, model: nn.Module) -> dict:
    """The config of a model's output layer, also where the head's own is meant.

    Raises:
        UserError: if its head has none.
    """
    head = cfg.model.get("head") or {}
    output = head.get("output") or getattr(getattr(model, "head", None), "usual_output", None)
    if output is None or not isinstance(getattr(model.head, "output", None), nn.Module):
        raise UserError(
            f"{type(getattr(model, 'head', model)).__name__} has no output layer to calibrate; only a head with an "
            "`output`, such as DPTHead, can be"
        )
    return dict(output)


def unaligned(protocol: Mapping | str) -> dict:
    """A protocol in a config, without its alignment: what is metric is not fitted to each image again."""
    name = protocol if isinstance(protocol, str) else protocol.get("name", "custom")
    given = {"base": protocol} if isinstance(protocol, str) else dict(protocol)
    return given | {"name": f"{name}_unaligned", "alignment": "none"}


def calibrated_config(cfg: Config, output: dict, fit: Fit) -> Config:
    """A copy of a config, whose head has a `CalibratedOutput` around the output, and whose protocols align nothing."""
    cfg = copy.deepcopy(cfg)
    cfg.model.head.output = {"type": "CalibratedOutput", "output": output, **asdict(fit)}
    for name in EVALUATORS:
        for metric in depth_metrics_of(cfg.get(name)):
            protocol = metric.get("protocol", "nyu")
            if get_protocol(protocol).alignment != "none":
                metric["protocol"] = unaligned(protocol)
    return cfg


def write_calibrated(out: Path, config: str, cfg: Config, model: nn.Module, comment: str) -> Path:
    """Writes the config, then the checkpoint with that config in it.

    Args:
        out: the checkpoint; the config stands beside it under the same stem.
        config: the file to inherit from.
        cfg: the calibrated config.
        model: with the weights, and without the calibration.
        comment: lines for the head of the config, below the one that says what wrote it.

    Returns:
        The config's path.

    Raises:
        UserError: if one of them cannot be written, or the config cannot be inherited from.
    """
    path, plain = out.with_suffix(".py"), load_config(config)
    changes = {key: inheriting(plain[key], cfg[key]) if key in plain else cfg[key] for key in cfg}
    changes = Config({key: value for key, value in changes.items() if key not in plain or plain[key] != cfg[key]})
    head = "".join(f"# {line}\n" for line in (WRITTEN, *comment.splitlines()))
    before = path.read_bytes() if path.exists() else None
    write_text(path, f"{head}\n_base_ = [{base_path(config, path)!r}]\n\n{changes.pretty_text}")
    try:
        written = load_config(str(path))
        meta = {"mdetools_version": __version__, "cfg": written.pretty_text}
        write_checkpoint({"meta": meta, "state_dict": calibrated_state(written, model)}, out)
    except UserError:
        path.unlink()  # one without the other is of no use
        if before is not None:
            path.write_bytes(before)
        raise
    return path


def calibrated_state(cfg: Config, model: nn.Module) -> dict[str, Tensor]:
    """The weights of a model as the calibrated one names them, with the inner output a level deeper."""
    own = MODELS.build(cfg.model).head.output.state_dict()
    state = {f"head.output.{name}": value for name, value in own.items()}
    for name, value in model.state_dict().items():
        inner = name.replace("head.output.", "head.output.output.", 1) if name.startswith("head.output.") else name
        state[inner] = value.cpu()
    return state


def inheriting(base: object, new: object) -> object:
    """What a config that inherits `base` says to have `new`."""
    if not isinstance(new, Mapping):
        return new
    if not isinstance(base, Mapping) or base.keys() - new.keys() or base.get("type") != new.get("type"):
        return {"_delete_": True, **new}
    return {
        key: inheriting(base[key], value) if key in base else value
        for key, value in new.items()
        if key not in base or base[key] != value
    }


def base_path(config: str, heir: Path) -> str:
    """A config as its heir's `_base_` names it.

    Relative, so that a tree can be moved as a whole; absolute where the two have no folder in common, or where links
    make `..` lead elsewhere.
    """
    folder, base = heir.parent.absolute(), Path(config).resolve()
    apart = folder.parts[:2] != base.parts[:2] or folder != folder.resolve()
    return str(base) if apart else os.path.relpath(base, folder)
