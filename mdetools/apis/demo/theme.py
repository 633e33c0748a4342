"""How the page looks: fonts of the system, quiet colours, nothing from elsewhere."""

from pathlib import Path
from types import ModuleType

__all__ = ["asset", "calm_theme"]

ASSETS = Path(__file__).resolve().parent / "assets"
FONT = ("system-ui", "-apple-system", "Segoe UI", "Helvetica Neue", "sans-serif")
MONO = ("ui-monospace", "Consolas", "monospace")


def asset(name: str) -> str:
    """The text of a file of the page's own."""
    return (ASSETS / name).read_text(encoding="utf-8")


def calm_theme(gradio: ModuleType):
    """A theme of gradio's with the fonts of the visitor's system, so that none is fetched."""
    theme = gradio.themes.Base(
        primary_hue="teal", secondary_hue="teal", neutral_hue="slate", radius_size="md", font=FONT, font_mono=MONO
    )
    return theme.set(
        body_background_fill="#f4f7f7",
        body_background_fill_dark="#0f171c",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#162027",
        block_background_fill_dark="#162027",
        block_border_color="#dbe3e6",
        block_border_color_dark="#2c3a42",
        block_label_text_size="*text_sm",
        block_title_text_weight="500",
        slider_color="#0f766e",
        slider_color_dark="#2dd4bf",
    )
