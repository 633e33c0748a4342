"""Reading a config file, with the overrides of the command line, into something that is known to be right."""

from pathlib import Path

from mmengine.config import Config, ConfigDict

from mdetools.engine.configs.checking import check_config
from mdetools.errors import UserError, one_line

__all__ = ["load_config", "set_data_root"]

# What a config file, which is Python, raises by its own fault.
BROKEN = (SyntaxError, NameError, ImportError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
BROKEN += (OSError,)


def load_config(path: str, cfg_options: dict | None = None, data_root: str | None = None) -> Config:
    """Reads and checks a config.

    >>> load_config("configs/dav2/vits_nyu.py", {"model.backbone.arch": "vitb"}).model.backbone.arch
    'vitb'

    Args:
        path: the config file (Python, with `_base_` inheritance).
        cfg_options: dotted keys and their values, e.g. `{"train_dataloader.batch_size": 2}`.
        data_root: folder that replaces the `data_root` of every data set.

    Raises:
        UserError: if the file is missing or broken, or a key or component is misspelt.
    """
    if not Path(path).is_file():
        raise UserError(f"no config file '{path}'; see configs/ for those that come with mdetools")
    try:
        cfg = Config.fromfile(path)
        cfg.merge_from_dict(cfg_options or {})
    except BROKEN as error:
        raise UserError(f"config '{path}' cannot be read: {one_line(f'{type(error).__name__}: {error}')}") from error
    if cfg.get("default_scope") is None:
        cfg.default_scope = "mdetools"  # in MMEngine's own, its registries find no component of ours
    if data_root is not None:
        set_data_root(cfg, data_root)
    check_config(cfg)
    return cfg


def set_data_root(node, data_root: str) -> None:
    """Sets `data_root` of every data set below `node`, in place."""
    if isinstance(node, Config):
        node = [value for key, value in node.items() if key.endswith("_dataloader")]
    if isinstance(node, dict | ConfigDict):
        if "data_root" in node:
            node["data_root"] = data_root
        node = list(node.values())
    if isinstance(node, list | tuple):
        for child in node:
            set_data_root(child, data_root)
