"""Pictures: colour maps and panels, as uint8 RGB arrays."""

from mdetools.visualization.colorbar import draw_colorbar, tick_rows, tick_values
from mdetools.visualization.colormap import COLORMAPS, color_table, colorize
from mdetools.visualization.layout import stack_panels
from mdetools.visualization.panel import depth_panel
from mdetools.visualization.stereo_panel import stereo_panel

__all__ = [
    "COLORMAPS",
    "color_table",
    "colorize",
    "depth_panel",
    "draw_colorbar",
    "stack_panels",
    "stereo_panel",
    "tick_rows",
    "tick_values",
]
