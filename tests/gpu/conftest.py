"""The tests of this folder run on the GPU with `-m gpu`, else on the CPU."""

import pytest
import torch


@pytest.fixture(autouse=True)
def plain_float32():
    """Without TF32, which has 10 bits of mantissa, so that a GPU's numbers are comparable to the CPU's."""
    parts = torch.backends.cudnn, torch.backends.cuda.matmul
    before = [part.allow_tf32 for part in parts]
    for part in parts:
        part.allow_tf32 = False
    yield
    for part, value in zip(parts, before, strict=True):
        part.allow_tf32 = value
