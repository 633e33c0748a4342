"""What becomes of a prediction after the head."""

from mdetools.models.postprocess.flip_averaging import MERGES, merge_flipped
from mdetools.models.postprocess.splitting import split_prediction
from mdetools.models.postprocess.views import average_scales, predict_in_windows, window_starts

__all__ = [
    "MERGES",
    "average_scales",
    "merge_flipped",
    "predict_in_windows",
    "split_prediction",
    "window_starts",
]
