"""Reading a config file, with the overrides of the command line, into something that is known to be right."""

import sys

from mmengine.config import Config
from mmengine.utils import import_modules_from_strings

from mdetools.engine.configs.checking import check_config
from mdetools.engine.configs.data_roots import DataRoots, set_data_root
from mdetools.engine.configs.finding import config_path
from mdetools.engine.configs.overrides import apply_overrides
from mdetools.engine.configs.plain_data import check_plain, check_runs_nothing
from mdetools.engine.configs.reading import is_program, read_config
from mdetools.errors import UserError, one_line

__all__ = ["load_config"]


def load_config(path: str, cfg_options: dict | None = None, data_root: DataRoots | None = None) -> Config:
    """Reads and checks a config.

    >>> load_config("dav2/vits_nyu", {"model.backbone.arch": "vitb"}).model.backbone.arch
    'vitb'

    Args:
        path: the config file: Python, which runs, or plain data in YAML or JSON, with `_base_` inheritance; or the
            name of a config that comes with mdetools, such as "dav2/vits_nyu".
        cfg_options: dotted keys and their values, e.g. `{"train_dataloader.batch_size": 2}`.
        data_root: folder that replaces the `data_root` of every data set; of those in a concatenation by their names,
            see `set_data_root`.

    Raises:
        UserError: if the file is missing or broken, a key or component is misspelt, or a value makes no sense.
    """
    path = config_path(path) or path
    cfg = read_config(path)
    apply_overrides(cfg, cfg_options or {})
    check_plain(cfg._cfg_dict, classes=bool(cfg._imported_names))  # of MMEngine's lazy imports
    if not is_program(path):
        check_runs_nothing(cfg._cfg_dict)
    _import_plugins(path, cfg.get("custom_imports"))
    if cfg.get("default_scope") is None:
        cfg.default_scope = "mdetools"  # in MMEngine's own, its registries find no component of ours
    if data_root:
        set_data_root(cfg, data_root)
    check_config(cfg)
    return cfg


def _import_plugins(path: str, custom_imports: object) -> None:
    """Imports what `custom_imports` names, as MMEngine does.

    Raises:
        UserError: if a module cannot be imported, or the entry is malformed.
    """
    if not isinstance(custom_imports, dict):
        return  # `check_config` tells of it
    try:
        import_modules_from_strings(**custom_imports)
    except (Exception, SystemExit) as error:  # whatever a user's module may raise
        cause = error.__context__ or error  # MMEngine hides it behind "Failed to import"
        raise UserError(
            f"config '{path}' cannot be read: custom_imports: {one_line(f'{type(cause).__name__}: {cause}', 300)}; fix "
            "that, set PYTHONPATH to the folder that holds it, or install it"
        ) from error
    names = custom_imports.get("imports") or ()
    for name in [names] if isinstance(names, str) else names:
        _check_package(path, name)


def _check_package(path: str, name: str) -> None:
    """Refuses a folder that Python takes for a package though it has no `__init__.py`: it would register nothing.

    Raises:
        UserError: if `name` is one, such as the folder of a project that holds the package of the same name.
    """
    module = sys.modules.get(name)
    if module is not None and getattr(module, "__file__", None) is None and hasattr(module, "__path__"):
        folder = next(iter(module.__path__), name)
        raise UserError(
            f"config '{path}': custom_imports finds '{name}' as {folder}, which has no __init__.py and registers "
            f"nothing; set PYTHONPATH to the folder that holds the package itself, e.g. PYTHONPATH={folder}"
        )
