"""The batteries that every registered component must pass, a plugin's too. Call them from pytest.

Each is a plain function that raises an `AssertionError` naming the component and what it did wrong. They check what the
rest of mdetools relies on; what a component computes is for its own tests.
"""

from mdetools.testing.data import check_dataset, check_sample, check_transform
from mdetools.testing.losses import check_loss
from mdetools.testing.metrics import check_metric
from mdetools.testing.modules import check_backbone, check_head
from mdetools.testing.targets import example_prediction, example_targets

__all__ = [
    "check_backbone",
    "check_dataset",
    "check_head",
    "check_loss",
    "check_metric",
    "check_sample",
    "check_transform",
    "example_prediction",
    "example_targets",
]
