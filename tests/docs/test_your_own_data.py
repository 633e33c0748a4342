"""Follows docs/your_own_data.md to the letter: a real kitchen as PNGs in a folder, and every command of the page."""

import json
import re
import shlex

import cv2
import h5py
import numpy as np
import pytest
from support.commands import run_command
from support.paths import REAL_DATA, ROOT

PAGE = ROOT / "docs" / "your_own_data.md"
KITCHEN = REAL_DATA / "nyu"


def write_folder(folder):
    """The kitchen's frames as a user has them."""
    for split in ("train", "val"):
        for name in ("images", "depth"):
            (folder / split / name).mkdir(parents=True)
        for path in sorted((KITCHEN / split / "redkitchen").glob("*.h5")):
            with h5py.File(path) as file:
                image, depth = file["rgb"][:].transpose(1, 2, 0), file["depth"][:]
            cv2.imwrite(str(folder / split / "images" / f"{path.stem}.jpg"), image[..., ::-1])
            cv2.imwrite(str(folder / split / "depth" / f"{path.stem}.png"), np.rint(1000 * depth).astype(np.uint16))


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What each command of the page printed, by its tool."""
    folder = tmp_path_factory.mktemp("tutorial")
    write_folder(folder / "data" / "own")
    for name in ("configs", "tools"):
        (folder / name).symlink_to(ROOT / name)
    blocks = re.findall(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)
    printed = {}
    for line in "".join(blocks).replace("\\\n", "").splitlines():
        words = shlex.split(line)
        result = run_command(*words, folder=folder, seconds=1200)
        assert result.returncode == 0, f"{line}\n{result.stdout}\n{result.stderr}"
        printed[words[1].split("/")[-1]] = result.stdout
    return folder, printed


needs_kitchen = pytest.mark.skipif(not KITCHEN.is_dir(), reason=f"the real kitchen is not there: {KITCHEN}")


@needs_kitchen
@pytest.mark.slow
def test_the_doctor_finds_nothing_wrong(told):
    folder, printed = told
    assert printed["check_dataset.py"].count("nothing wrong found") == 2
    assert json.loads((folder / "report.json").read_text())["train_dataloader"]["frames"] == 140


@needs_kitchen
@pytest.mark.slow
def test_the_model_beats_the_constant_beyond_both_intervals(told):
    text = told[1]["test.py"]
    table = re.search(r"^ +d1 .*\n-+\nmean .*\n95 % from .*\nto .*$", text, re.MULTILINE)[0].splitlines()
    column = table[0].split().index("abs_rel")
    mean, high = float(table[2].split()[column + 1]), float(table[4].split()[column + 1])
    low_of_constant = float(re.search(r"bootstrap interval is (\d\.\d+)\.\.", text)[1])
    assert mean < high < low_of_constant
    assert len(list((told[0] / "pictures").glob("*.png"))) == 21


@needs_kitchen
@pytest.mark.slow
def test_calibration_is_better_on_frames_left_out(told):
    text = told[1]["calibrate.py"]
    gain = re.search(r"abs_rel after less that of 'before': (\S+), 95 % interval (\S+)\.\.(\S+) ", text)
    assert float(gain[1]) < float(gain[3]) < 0
    assert (told[0] / "work_dirs" / "own" / "calibrated.py").is_file()


@needs_kitchen
@pytest.mark.slow
def test_inference_writes_metres(told):
    depth = np.load(told[0] / "out" / "00700.npy")
    assert depth.shape == (240, 320) and 0.5 < np.median(depth) < 4
    cloud = (told[0] / "clouds" / "00705.ply").read_bytes()
    assert cloud.startswith(b"ply\n") and int(re.search(rb"element vertex (\d+)", cloud)[1]) > 10_000
