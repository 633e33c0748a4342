"""The folder of a plugin: a project with one package, which is made where there is none."""

import re
from dataclasses import dataclass
from pathlib import Path

from mdetools.errors import UserError
from mdetools.files import write_text

__all__ = ["PluginFolder"]

PROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "{project}"
version = "0.1"

[project.entry-points."mdetools.plugins"]
{package} = "{package}"

[tool.setuptools]
packages = ["{package}"]

[tool.pytest.ini_options]
pythonpath = ["."]
"""
NOT_THE_PACKAGE = {"build", "configs", "docs", "examples", "tests"}


@dataclass(frozen=True)
class PluginFolder:
    """Where the files of a component go.

    Attributes:
        root: the folder of `pyproject.toml`.
        package: the name of the package in it.
    """

    root: Path
    package: str

    @classmethod
    def at(cls, root: Path) -> "PluginFolder":
        """The plugin in a folder; in one without a package, that of the folder's own name, still to be made.

        Raises:
            UserError: if it is mdetools' own clone, has several packages, or a name that no package can have.
        """
        root = root.resolve()
        if (root / "mdetools" / "registry.py").is_file():
            raise UserError(f"{root} is a clone of mdetools, expected the folder of a plugin; name one by --folder")
        found = sorted(
            path.parent.name for path in root.glob("*/__init__.py") if path.parent.name not in NOT_THE_PACKAGE
        )
        if len(found) > 1:
            raise UserError(f"{root} has the packages {', '.join(found)}, expected one; name another --folder")
        package = found[0] if found else re.sub(r"\W+", "_", root.name).lower()
        if not package.isidentifier():
            raise UserError(f"no package can be called '{package}', after its folder {root}; name another --folder")
        return cls(root, package)

    def make(self) -> list[Path]:
        """Writes `pyproject.toml` and the package's `__init__.py` where they are not there; returns what it wrote."""
        project = self.package.replace("_", "-")
        files = {
            self.root / "pyproject.toml": PROJECT.format(project=project, package=self.package),
            self.root / self.package / "__init__.py": '"""Components for mdetools."""\n\n',
        }
        written = [path for path in files if not path.exists()]
        for path in written:
            write_text(path, files[path])
        return written

    def add_import(self, module: str) -> Path:
        """Lets the package import a module of its own, so that what it registers is known; returns `__init__.py`."""
        path = self.root / self.package / "__init__.py"
        text = path.read_text(encoding="utf-8")
        line = f"from {self.package} import {module} as {module}\n"
        if line not in text:
            write_text(path, text + ("" if text.endswith("\n") or not text else "\n") + line)
        return path
