"""Configs by their paths, and those that come with mdetools by their names."""

from pathlib import Path

from mdetools.engine.configs.option_values import expand_home
from mdetools.engine.configs.packaged import known_configs
from mdetools.engine.configs.reading import PARSERS
from mdetools.reading import is_file

__all__ = ["CONFIG_ENDINGS", "config_path"]

CONFIG_ENDINGS = (".py", *PARSERS)


def config_path(text: str) -> str | None:
    """The path of a config, given by its path or its name; None if there is none.

    From another folder than that of the clone, `configs/dav2/vits_nyu.py` is the one that comes with mdetools.

    >>> config_path("dav2/vits_nyu").endswith("configs/dav2/vits_nyu.py")
    True
    """
    path = str(expand_home(text))
    if path.endswith(CONFIG_ENDINGS) and is_file(Path(path)):
        return path
    known = known_configs()
    return known.get(text) or known.get(text.removeprefix("configs/").removesuffix(".py"))
