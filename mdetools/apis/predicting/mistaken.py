"""Models that stand where pictures are expected."""

from collections.abc import Sequence
from pathlib import Path

from mdetools.engine.configs.packaged import known_configs
from mdetools.errors import UserError, one_line, suggest
from mdetools.weights.folders import WEIGHTS
from mdetools.weights.shipped import shipped_models

__all__ = ["check_pictures"]

ENDINGS = (*WEIGHTS, ".onnx")


def check_pictures(inputs: Sequence[str]) -> None:
    """Checks, before any work, that no input is a model by its name or its ending.

    >>> check_pictures(["photo.jpg", "mdetools-tiny"])
    Traceback (most recent call last):
    mdetools.errors.UserError: 'mdetools-tiny' is a model, not a picture; give it by --model mdetools-tiny

    Args:
        inputs: as the command line has them, behind the config and the checkpoint.

    Raises:
        UserError: at the first that is.
    """
    for place, text in enumerate(inputs):
        shown = one_line(text, 200)
        if text in shipped_models() and not Path(text).is_dir():
            raise UserError(f"'{shown}' is a model, not a picture; give it by --model {shown}")
        if not text.lower().endswith(ENDINGS) or Path(text).is_dir():
            continue
        if place == 1 and not Path(inputs[0]).suffix and not Path(inputs[0]).exists():  # CONFIG CKPT, misspelt
            hint = suggest(inputs[0], known_configs(), "see configs/ for those that come with mdetools")
            raise UserError(f"'{shown}' is a model, and before it is no config '{one_line(inputs[0], 200)}'; {hint}")
        raise UserError(
            f"'{shown}' is a model, not a picture; give a published one by --model FILE, another as CONFIG CKPT before "
            "the inputs"
        )
