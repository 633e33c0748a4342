"""From pictures of any kind to what a model predicts of them: inputs, preparing, batches, results."""

from mdetools.apis.inference.inputs import Entry, entries_of
from mdetools.apis.inference.network import Network, Precision
from mdetools.apis.inference.preparing import Preparation, is_resize, resize_config
from mdetools.apis.inference.result import Result
from mdetools.apis.inference.streaming import stream_results

__all__ = [
    "Entry",
    "Network",
    "Precision",
    "Preparation",
    "Result",
    "entries_of",
    "is_resize",
    "resize_config",
    "stream_results",
]
