"""Puts the configs, the tools and the example plugin into the package that is built; all else is in setup.cfg.

In a clone, and when it is installed with `pip install -e`, they stay where they are.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

# `mdetools new` takes its templates from the example plugin, whose package is none here: without its __init__.
FOLDERS = {
    "configs": "configs",
    "tools": "tools",
    "examples/mdetools_example_plugin/mdetools_example_plugin": "example_plugin",
}


class BuildWithFolders(build_py):
    """Builds the package with these folders inside."""

    def run(self) -> None:
        """Copies them after the modules."""
        super().run()
        if self.editable_mode:
            return
        for source, name in FOLDERS.items():
            place = Path(self.build_lib, "mdetools", name)
            shutil.rmtree(place, ignore_errors=True)  # of an earlier build, which may have had others
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__", "__init__.py"))


setup(cmdclass={"build_py": BuildWithFolders})
