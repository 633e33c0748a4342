"""Settings and fixtures of the whole suite."""

import os

# Before torch is imported. Numbers are compared to the bit on the CPU, and pytest-xdist uses the cores already.
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest


@pytest.fixture(scope="session")
def tiny_nyu(tmp_path_factory):
    """A data set of 7 training and 5 validation frames of 40x56, and a config that trains on it within a second."""
    from support.tiny_training import tiny_config, write_nyu_frames

    folder = tmp_path_factory.mktemp("tiny")
    return tiny_config(folder / "tiny.py", write_nyu_frames(folder / "data"))
