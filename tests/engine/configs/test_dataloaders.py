"""What of a loader's config does not fit the machine or the rest of it."""

import pytest
import torch

from mdetools.engine.configs.dataloaders import adapt_dataloader


def adapted(**loader):
    adapt_dataloader(loader)
    return loader


@pytest.mark.parametrize("gpu", [False, True])
def test_memory_is_pinned_for_a_gpu_alone(monkeypatch, gpu):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    loader = {"num_workers": 2, "persistent_workers": True, "prefetch_factor": 4, "pin_memory": True}
    assert adapted(**loader) == {key: value for key, value in loader.items() if gpu or key != "pin_memory"}


@pytest.mark.parametrize("workers", [{}, {"num_workers": 0}])
def test_what_workers_do_needs_workers(workers):
    assert adapted(**workers, persistent_workers=True, prefetch_factor=4, batch_size=2) == {**workers, "batch_size": 2}


def test_the_last_batch_is_the_batch_sampler_s():
    kind = {"type": "torch.utils.data.BatchSampler"}
    assert adapted(batch_sampler=dict(kind), drop_last=True) == {"batch_sampler": kind | {"drop_last": True}}
    assert adapted(batch_sampler=dict(kind)) == {"batch_sampler": kind | {"drop_last": False}}
    own = kind | {"drop_last": False}
    assert adapted(batch_sampler=dict(own), drop_last=True) == {"batch_sampler": own}
    assert adapted(batch_sampler={"type": "EpochSampler"}, drop_last=True) == {
        "batch_sampler": {"type": "EpochSampler"}
    }
    assert adapted(batch_sampler=None, drop_last=True) == {"batch_sampler": None, "drop_last": True}
