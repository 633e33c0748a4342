"""gradio, which is imported on the first use."""

import importlib
import os
from pathlib import Path
from types import ModuleType

from mdetools.errors import UserError, one_line

__all__ = ["gradio_package"]


def gradio_package(folder: Path | None = None) -> ModuleType:
    """gradio, told to send nothing anywhere.

    Args:
        folder: where it keeps uploads; None leaves its own.

    Raises:
        UserError: if it is missing.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    if folder is not None:
        os.environ["GRADIO_TEMP_DIR"] = str(folder)
    try:
        return importlib.import_module("gradio")
    except ImportError as error:
        raise UserError(
            f"the page needs the package gradio, which is not installed ({one_line(error, 100)}); run "
            "`pip install mdetools[demo]`"
        ) from error
