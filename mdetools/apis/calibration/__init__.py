"""Fitting a trained model's depth to a camera, on a few labelled frames."""

from mdetools.apis.calibration.checkpoint import calibrate_checkpoint
from mdetools.apis.calibration.procedure import Outcome, calibrate
from mdetools.apis.calibration.report import describe, facts
from mdetools.apis.calibration.writing import calibrated_config, check_places, write_calibrated

__all__ = [
    "Outcome",
    "calibrate",
    "calibrate_checkpoint",
    "calibrated_config",
    "check_places",
    "describe",
    "facts",
    "write_calibrated",
]
