"""Pictures: colour maps, palettes and panels, as uint8 RGB arrays, and their files."""

from mdetools.visualization.colorbar import draw_colorbar, tick_rows, tick_values
from mdetools.visualization.colormap import COLORMAPS, color_table, colorize
from mdetools.visualization.labels import class_palette, label_picture
from mdetools.visualization.layout import stack_panels
from mdetools.visualization.panel import depth_panel
from mdetools.visualization.picture_file import picture_name, write_image
from mdetools.visualization.prediction_panel import label_panel, map_panel, prediction_panel
from mdetools.visualization.stereo_panel import stereo_panel
from mdetools.visualization.tiles import map_cmap, percentile_range

__all__ = [
    "COLORMAPS",
    "class_palette",
    "color_table",
    "colorize",
    "depth_panel",
    "draw_colorbar",
    "label_panel",
    "label_picture",
    "map_cmap",
    "map_panel",
    "percentile_range",
    "picture_name",
    "prediction_panel",
    "stack_panels",
    "stereo_panel",
    "tick_rows",
    "tick_values",
    "write_image",
]
