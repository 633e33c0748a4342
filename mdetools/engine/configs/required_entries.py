"""What a config must have to be trained, tested or asked for a prediction, besides what it must have to be read."""

from mmengine.config import Config

from mdetools.engine.configs.components import find_component, takes
from mdetools.errors import UserError

__all__ = ["require_entries", "check_trainable"]

USUAL = {
    "model": "an Estimator",
    "train_dataloader": "a loader of training data",
    "train_cfg": "dict(type='EpochTrainLoop', max_epochs=10)",
    "optim_wrapper": "dict(optimizer=dict(type='AdamW', lr=1e-5))",
    "test_dataloader": "a loader of test data",
    "test_cfg": "dict(type='TestLoop')",
    "test_evaluator": "dict(type='DepthMetric')",
}
NEEDED_BY_LOADERS = ("dataset", "sampler", "batch_size")
FOR_TRAINING = ("model", "train_dataloader", "train_cfg", "optim_wrapper")
VALIDATION = ("val_dataloader", "val_cfg", "val_evaluator")


def require_entries(cfg: Config, purpose: str, *keys: str) -> None:
    """Checks that entries are there.

    Raises:
        UserError: at the first that is None, with what it is for, or the first loader that lacks a part.
    """
    for key in keys:
        if cfg.get(key) is None:
            raise UserError(f"config: {key} is None, and {purpose} needs it; set {key} to {USUAL[key]}")
        for part in NEEDED_BY_LOADERS if key.endswith("_dataloader") else ():
            if cfg[key].get(part) is None:
                raise UserError(f"config: {key} needs '{part}', which is not there; set {key}.{part}")


def check_trainable(cfg: Config) -> None:
    """Checks that a config has what a training needs.

    Raises:
        UserError: if the model, its losses, the data, the loop or the optimiser are missing, or the validation is there
            in part.
    """
    require_entries(cfg, "a training", *FOR_TRAINING)
    losses = cfg.model.get("losses")
    given = losses.values() if isinstance(losses, dict) else losses
    if takes(find_component(cfg.model["type"]), "losses") and not any(given or ()):
        raise UserError(
            f"config: model.losses is {losses}, which leaves nothing to learn from; set one, such as "
            "model.losses.silog.type=SiLogLoss"
        )
    if cfg.optim_wrapper.get("optimizer") is None:
        raise UserError("config: optim_wrapper.optimizer is None, and a training needs it; set its type and lr")
    missing = [key for key in VALIDATION if cfg.get(key) is None]
    if missing and len(missing) < len(VALIDATION):
        raise UserError(
            f"config: {' and '.join(missing)} is None, and a validation needs {', '.join(VALIDATION)}; set all of "
            "them, or all to None"
        )
    if not missing:
        require_entries(cfg, "a validation", *VALIDATION)
