"""The configs that come with mdetools, which `_base_ = "mdetools::dav2/vits_nyu.py"` finds from any folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmengine.config import Config

__all__ = ["OWN_CONFIGS", "PREFIX", "base_path", "known_configs", "packaged_bases"]

PACKAGE = Path(__file__).resolve().parents[2]
# In the package where it was installed, beside it in a clone.
OWN_CONFIGS = next((place for place in (PACKAGE / "configs", PACKAGE.parent / "configs") if place.is_dir()), PACKAGE)
PREFIX = "mdetools::"


def base_path(base: str, heir: Path) -> Path:
    """The file that an entry of `_base_` means.

    >>> base_path("../a.py", Path("configs/mine/b.py")).as_posix()
    'configs/mine/../a.py'
    >>> base_path("mdetools::dav2/vits_nyu.py", Path("b.py")).is_file()
    True

    Args:
        base: a path from the folder of `heir`, or `mdetools::` and the path of a packaged config, whose ending may be
            left out.
        heir: the config that has the entry.
    """
    if not base.startswith(PREFIX):
        return heir.parent / base
    path = OWN_CONFIGS / base.removeprefix(PREFIX)
    return path if path.suffix else path.with_suffix(".py")


@contextmanager
def packaged_bases() -> Iterator[None]:
    """Has MMEngine find `mdetools::` bases by `base_path` inside: its own way needs pkg_resources, and a model zoo."""
    before = Config._get_cfg_path
    Config._get_cfg_path = staticmethod(lambda base, heir: (str(base_path(base, Path(heir))), None))
    try:
        yield
    finally:
        Config._get_cfg_path = staticmethod(before)


def known_configs() -> dict[str, str]:
    """The paths of the configs that come with mdetools, by names such as `dav2/vits_nyu`."""
    files = sorted(path for path in OWN_CONFIGS.rglob("*.py") if "_base_" not in path.parts)
    return {path.relative_to(OWN_CONFIGS).with_suffix("").as_posix(): str(path) for path in files}
