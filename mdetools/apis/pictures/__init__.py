"""Pictures for papers and people: what a network sees of a data set, and what several models make of an image."""

from mdetools.apis.pictures.browsing import browse, browse_views
from mdetools.apis.pictures.comparing import Comparison, compare_models, comparison_from
from mdetools.apis.pictures.output import check_output, write_panels
from mdetools.apis.pictures.scores import scores_text
from mdetools.apis.pictures.truth import Photo, photos_with_truth
from mdetools.apis.pictures.words import split_words

__all__ = [
    "Comparison",
    "Photo",
    "browse",
    "browse_views",
    "check_output",
    "compare_models",
    "comparison_from",
    "photos_with_truth",
    "scores_text",
    "split_words",
    "write_panels",
]
