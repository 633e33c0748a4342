"""What becomes of a prediction after the head."""

from mdetools.models.postprocess.flip_averaging import MERGES, merge_flipped
from mdetools.models.postprocess.splitting import split_prediction

__all__ = ["MERGES", "merge_flipped", "split_prediction"]
