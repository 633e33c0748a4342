"""What of a model's config decides what it predicts."""

import copy
from collections.abc import Mapping

__all__ = ["without_training"]

TRAINING = (("backbone", "pretrained"), ("data_preprocessor", "steps"))


def without_training(model: Mapping) -> dict:
    """A model's config without losses, batch steps and the download of weights, for a model that gets its own weights.

    >>> without_training(dict(type="Estimator", backbone=dict(type="TimmBackbone", pretrained=True), losses={}))
    {'type': 'Estimator', 'backbone': {'type': 'TimmBackbone'}}

    Args:
        model: config from MODELS; it stays as it is.
    """
    kept = copy.deepcopy({key: value for key, value in model.items() if key != "losses"})
    for part, key in TRAINING:
        if isinstance(kept.get(part), dict):
            kept[part].pop(key, None)
    return kept
