"""What ranks tell each other in passing, on the device: by NCCL where it is a GPU, else by gloo."""

import pytest
from support.tiny_training import free_port
from torch import distributed

from mdetools.engine.process.agreement import Agreement

pytestmark = pytest.mark.gpu


@pytest.fixture
def process_group(device, monkeypatch):
    variables = {"RANK": 0, "LOCAL_RANK": 0, "WORLD_SIZE": 1, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port()}
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    yield
    distributed.destroy_process_group()


def test_an_answer_comes_one_exchange_later(process_group):
    agreement = Agreement()
    assert [agreement.exchange(step == 2) for step in range(5)] == [False, False, False, True, False]
    agreement.exchange(True)
    assert [agreement.answer(), agreement.answer()] == [True, False]
