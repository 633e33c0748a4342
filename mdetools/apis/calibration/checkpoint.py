"""The calibration of a config's checkpoint."""

from collections.abc import Mapping

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import nn

from mdetools.apis.calibration.frames import predict_frames
from mdetools.apis.calibration.procedure import Outcome, calibrate
from mdetools.apis.calibration.writing import output_of, unaligned
from mdetools.engine.configs.evaluators import depth_metrics_of
from mdetools.engine.configs.required_entries import require_entries
from mdetools.evaluation import Protocol, get_protocol
from mdetools.registry import MODELS
from mdetools.weights.loading import load_whole

__all__ = ["calibrate_checkpoint"]


def calibrate_checkpoint(
    cfg: Config,
    checkpoint: str,
    split: str = "val",
    count: int | None = 20,
    protocol: str | None = None,
    device: str | None = None,
) -> tuple[nn.Module, dict, Outcome]:
    """Calibrates a trained model on labelled frames of its config, which are prepared as in a test.

    Args:
        cfg: the config; its `weights_as_is=True` loads weights that were made for another model all the same.
        checkpoint: weights of any known format, for the whole model.
        split: `train`, `val` or `test`.
        count: of frames, spread over the data set; None takes all.
        protocol: its name; None takes that of the split's evaluator, without its alignment.
        device: where to run; None takes the GPU if there is one.

    Returns:
        The model, the config of its output layer, and what became of the calibration.

    Raises:
        UserError: if the checkpoint does not fit, the model has nothing that can be calibrated, or the data set gives
            no depth.
    """
    init_default_scope(cfg.get("default_scope", "mdetools"))
    require_entries(cfg, "a calibration", "model", f"{split}_dataloader")
    scored_by = protocol_of(cfg, split) if protocol is None else protocol
    rules = metric_rules(scored_by)
    model = MODELS.build(cfg.model)
    output = output_of(cfg, model)
    load_whole(model, checkpoint, cfg.get("weights_as_is", False))
    model.to(device or ("cuda" if torch.cuda.is_available() else "cpu")).eval()
    quantity, frames = predict_frames(cfg, model, split, count)
    return model, output, calibrate(frames, quantity, rules)


def protocol_of(cfg: Config, split: str) -> str | Mapping:
    """The protocol of the first `DepthMetric`: of the validation, or of the test for that split."""
    names = ("test_evaluator", "val_evaluator") if split == "test" else ("val_evaluator", "test_evaluator")
    metrics = [metric for name in names for metric in depth_metrics_of(cfg.get(name))]
    return metrics[0].get("protocol", "nyu") if metrics else "nyu"


def metric_rules(protocol: str | Mapping) -> Protocol:
    """A protocol that compares metres as they are predicted."""
    rules = get_protocol(protocol)
    return rules if rules.alignment == "none" else get_protocol(unaligned(protocol))
