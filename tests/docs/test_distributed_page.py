"""The line of docs/distributed.md for several machines, run as it stands by two agents on this one."""

import re
import shlex
import subprocess
import sys

import pytest
from support.paths import ROOT
from support.tiny_training import free_port, write_nyu_frames

pytestmark = pytest.mark.slow

SMALL = [
    "train_cfg.max_epochs=1",
    "train_cfg.val_interval=1",
    "train_dataloader.batch_size=1",
    "model.backbone.out_indices=(0,1,2,3)",
    "train_dataloader.num_workers=0",
    "val_dataloader.num_workers=0",
    "val_dataloader.dataset.pipeline.resize.size=28",
    "train_dataloader.dataset.pipeline.resize.size=28",
]


def line_of_the_page(port: int) -> list[str]:
    """Its words, with one process to an agent, and an end that both find here."""
    page = (ROOT / "docs" / "distributed.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^torchrun --nnodes 2 .*?[^\\]\n", page, re.MULTILINE | re.DOTALL)
    line = line.replace("--nproc_per_node 8", "--nproc_per_node 1").replace("10.0.0.1:29500", f"127.0.0.1:{port}")
    return shlex.split(line.replace("\\\n", " "))


def test_two_agents_train_as_one_job(tmp_path, monkeypatch):
    words = line_of_the_page(free_port())
    assert words[0] == "torchrun" and words[-4:] == ["-m", "mdetools", "train", "dav2/vits_nyu"]
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    command = [sys.executable, "-m", "torch.distributed.run", *words[1:]]
    command += ["--data-root", str(write_nyu_frames(tmp_path / "nyu")), "--work-dir", "run", "--cfg-options", *SMALL]
    agents = [
        subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(2)
    ]
    told = [agent.communicate(timeout=300)[0] for agent in agents]
    assert [agent.returncode for agent in agents] == [0, 0], "\n".join(told)
    assert any("2 process(es) on cpu" in text for text in told)
    assert (tmp_path / "run" / "epoch_1.pth").is_file()
