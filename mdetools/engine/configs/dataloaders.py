"""What torch's `DataLoader` refuses or warns of on this machine, and a config need not know."""

import torch

from mdetools.engine.configs.components import find_component, takes

__all__ = ["adapt_dataloader"]


def adapt_dataloader(loader: dict) -> None:
    """Takes from a loader's config, in place, what does not fit the machine or the rest of it.

    Args:
        loader: `pin_memory` goes where there is no GPU, `persistent_workers` and `prefetch_factor` where there are no
            workers; `drop_last` goes into a `batch_sampler` that takes it.
    """
    if not torch.cuda.is_available():
        loader.pop("pin_memory", None)
    if loader.get("num_workers", 0) == 0:
        loader.pop("persistent_workers", None)
        loader.pop("prefetch_factor", None)
    batch_sampler = loader.get("batch_sampler")
    if isinstance(batch_sampler, dict):
        drop_last = loader.pop("drop_last", False)
        if takes(find_component(batch_sampler["type"]), "drop_last"):
            batch_sampler.setdefault("drop_last", drop_last)
