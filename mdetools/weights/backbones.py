"""Which backbone weights were made for, told where it is another one than the model's."""

from collections.abc import Mapping

from torch import Tensor, nn

from mdetools.errors import UserError, one_line
from mdetools.weights.config_text import class_name, parse_config_text

__all__ = ["check_backbone"]

PLAIN = {"backbone.vit.": "DINOv2", "backbone.model.": "TimmBackbone"}  # whose weights alone are called so


def check_backbone(model: nn.Module, content: Mapping, state: Mapping[str, Tensor], source: str) -> None:
    """Checks that weights of a backbone are not all of another kind, which shapes and names would tell less plainly.

    Args:
        model: that is to take the weights.
        content: the checkpoint, whose config says the kind; without one the names of its weights do, where they are
            plain.
        state: its weights by the names of mdetools' models, those alone that the model is to take.
        source: name of the file.

    Raises:
        UserError: if they are, and the file's kind is known.
    """
    own = model.state_dict().keys()
    names = [name for name in state if name.startswith("backbone.")]
    if not names or any(name in own for name in names):
        return
    config = parse_config_text(content.get("meta", {}).get("cfg", ""), source).get("model")
    backbone = config.get("backbone") if isinstance(config, Mapping) else None
    there = class_name(backbone.get("type", "")) if isinstance(backbone, Mapping) else None
    there = there or next((kind for prefix, kind in PLAIN.items() if names[0].startswith(prefix)), None)
    here = type(getattr(model, "backbone", None)).__name__
    if there not in (None, here):
        raise UserError(
            f"'{source}' was made for {one_line(there, 80)}, the config has {here} as its backbone; use the config "
            "that it was trained with"
        )
