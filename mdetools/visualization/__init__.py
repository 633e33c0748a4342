"""Pictures: colour maps, palettes and panels, as uint8 RGB arrays, and their files."""

from mdetools.visualization.class_pages import ShownClass, confusion_picture, hits_and_misses
from mdetools.visualization.colorbar import draw_colorbar, tick_rows, tick_values
from mdetools.visualization.colormap import COLORMAPS, color_table, colorize
from mdetools.visualization.labels import class_palette, label_picture
from mdetools.visualization.layout import stack_panels, with_footer
from mdetools.visualization.model_panel import ShownMap, model_panel
from mdetools.visualization.panel import depth_panel
from mdetools.visualization.picture_file import picture_name, write_image
from mdetools.visualization.prediction_panel import label_panel, map_panel, prediction_panel
from mdetools.visualization.sample_panel import sample_panel, views_panel
from mdetools.visualization.stereo_panel import stereo_panel
from mdetools.visualization.tiles import map_cmap, percentile_range
from mdetools.visualization.turning import render_points, turning_frames

__all__ = [
    "COLORMAPS",
    "ShownClass",
    "ShownMap",
    "class_palette",
    "color_table",
    "colorize",
    "confusion_picture",
    "depth_panel",
    "draw_colorbar",
    "hits_and_misses",
    "label_panel",
    "label_picture",
    "map_cmap",
    "map_panel",
    "model_panel",
    "percentile_range",
    "picture_name",
    "prediction_panel",
    "render_points",
    "sample_panel",
    "stack_panels",
    "stereo_panel",
    "tick_rows",
    "tick_values",
    "turning_frames",
    "views_panel",
    "with_footer",
    "write_image",
]
