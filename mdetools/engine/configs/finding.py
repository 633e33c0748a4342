"""Configs by their paths, and those that come with mdetools by their names."""

from pathlib import Path

from mdetools.engine.configs.option_values import expand_home
from mdetools.engine.configs.packaged import OWN_CONFIGS
from mdetools.engine.configs.reading import PARSERS
from mdetools.reading import is_file

__all__ = ["CONFIG_ENDINGS", "config_path", "known_configs"]

CONFIG_ENDINGS = (".py", *PARSERS)


def known_configs() -> dict[str, str]:
    """The paths of the configs that come with mdetools, by names such as `dav2/vits_nyu`."""
    files = sorted(path for path in OWN_CONFIGS.rglob("*.py") if "_base_" not in path.parts)
    return {path.relative_to(OWN_CONFIGS).with_suffix("").as_posix(): str(path) for path in files}


def config_path(text: str) -> str | None:
    """The path of a config, given by its path or its name; None if there is none.

    >>> config_path("dav2/vits_nyu").endswith("configs/dav2/vits_nyu.py")
    True
    """
    path = str(expand_home(text))
    if path.endswith(CONFIG_ENDINGS) and is_file(Path(path)):
        return path
    return known_configs().get(text)
