"""The documentation's settings: sphinx-build -W docs docs/_build."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from contract_tables import write_contract_tables  # noqa: E402  # beside this file

from mdetools import __version__  # noqa: E402

project = "mdetools"
author = "the authors of mdetools"
copyright = "2026, the authors of mdetools"
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
myst_enable_extensions = ["dollarmath", "attrs_inline"]
myst_heading_anchors = 3

autodoc_default_options = {"members": True, "imported-members": True, "show-inheritance": True}
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_mock_imports = ["OpenEXR", "tifffile", "gradio", "trimesh", "onnx", "onnxruntime"]
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
suppress_warnings = ["ref.python"]  # attributes of several classes that have one name

default_role = "code"  # docstrings have code in single backticks

html_theme = "furo"
html_title = f"mdetools {__version__}"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def plain_bars(app, what, name, obj, options, lines: list[str]) -> None:
    """Takes `|x|` for what mathematics means by it, and not for one of reStructuredText's substitutions."""
    lines[:] = [line.replace("|", r"\|") if not line.lstrip().startswith((">>>", "...")) else line for line in lines]


def setup(app) -> None:
    """Writes the generated pages before the others are read."""
    app.connect("builder-inited", lambda app: write_contract_tables(Path(app.srcdir)))
    app.connect("autodoc-process-docstring", plain_bars)
