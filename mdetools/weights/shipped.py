"""The models that come with mdetools, each in one file."""

from pathlib import Path

from mdetools.errors import UserError, one_line, suggest

__all__ = ["find_published", "shipped_models"]

SHIPPED = Path(__file__).resolve().parents[1] / "pretrained"


def shipped_models() -> dict[str, Path]:
    """The models that come with mdetools, by their names."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.safetensors"))}


def find_published(name_or_file: str | Path) -> Path:
    """The file of a model.

    Raises:
        UserError: if there is none.
    """
    shipped, path = shipped_models(), Path(name_or_file)
    if str(name_or_file) in shipped:
        return shipped[str(name_or_file)]
    if path.is_file():
        return path
    if (path / "config.json").is_file():
        raise UserError(
            f"'{one_line(name_or_file, 200)}' is a Hugging Face folder, expected a published file; give the model's "
            "CONFIG too, and the folder as its CKPT"
        )
    hint = suggest(str(name_or_file), shipped, f"those that come with mdetools are: {', '.join(shipped) or 'none'}")
    raise UserError(f"there is no model or file '{one_line(name_or_file, 200)}'; {hint}")
