"""The built wheel in a fresh environment and an empty folder, without a clone: what the README promises works there."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.paths import ROOT

pytestmark = pytest.mark.slow

PLUGIN = ROOT / "examples" / "mdetools_example_plugin"
SMALL = ["train_cfg.max_epochs=1", "train_dataloader.num_workers=0", "val_dataloader.num_workers=0"]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """The wheels of mdetools and of the example plugin, built from copies, so that nothing is left in the clone."""
    folder = tmp_path_factory.mktemp("wheels")
    kept_out = shutil.ignore_patterns(".*", "data", "work_dirs", "build", "*.egg-info", "__pycache__", "tests", "docs")
    for source in (ROOT, PLUGIN):
        copy = shutil.copytree(source, folder / source.name, ignore=kept_out)
        build = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, copy]
        subprocess.run([sys.executable, *map(str, build)], check=True)
    return sorted(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def mdetools(wheels, tmp_path_factory):
    """Runs the console command in an empty folder, from an environment that has the wheels.

    The packages that mdetools needs are those of this environment, behind its own.
    """
    place = tmp_path_factory.mktemp("environment")
    venv.create(place / "venv", with_pip=False, symlinks=True)
    scheme = sysconfig.get_paths("venv", vars={"base": str(place / "venv"), "platbase": str(place / "venv")})
    Path(scheme["purelib"], "needs.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    scripts = Path(scheme["scripts"])
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--force-reinstall"]
    subprocess.run([scripts / "python", "-m", "pip", "install", *options, *map(str, wheels)], check=True)
    folder = place / "empty"
    folder.mkdir()

    def run(*words):
        outside = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
        command = [scripts / "mdetools", *map(str, words)]
        done = subprocess.run(command, cwd=folder, env=outside, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    run.folder, run.python = folder, scripts / "python"
    return run


def test_the_wheel_holds_what_the_clone_has(wheels):
    (own,) = [path for path in wheels if path.name.startswith("mdetools-")]
    names = {name for name in zipfile.ZipFile(own).namelist() if ".dist-info/" not in name}
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mdetools").rglob("*")}
    beside = {
        f"mdetools/{path.relative_to(ROOT).as_posix()}"
        for top in ("configs", "tools")
        for path in (ROOT / top).rglob("*")
    }
    plugin = {f"mdetools/example_plugin/{path.name}" for path in (PLUGIN / PLUGIN.name).glob("[!_]*.py")}
    files = {name for name in package | beside | plugin if "__pycache__" not in name and "." in name.rsplit("/", 1)[-1]}
    assert names == files


def test_it_is_the_wheel_that_runs(mdetools):
    where = subprocess.run(
        [mdetools.python, "-c", "import mdetools; print(mdetools.__file__)"],
        cwd=mdetools.folder,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert where.startswith(str(mdetools.folder.parent))
    assert "usage: mdetools COMMAND" in mdetools()


def test_quickstart_test_and_export(mdetools):
    mdetools("synthetic", "nyu", "data/nyu_quickstart", "--train", 16, "--val", 4)
    mdetools("train", "tiny/nyu_quickstart", "--work-dir", "run", "--cfg-options", *SMALL)
    checkpoint = "run/best_abs_rel.pth"
    assert "abs_rel" in mdetools("test", "tiny/nyu_quickstart", checkpoint, "--baseline", "--show-dir", "pictures")
    assert cv2.imread(str(mdetools.folder / "pictures" / "overview.png")).size
    mdetools("export", "tiny/nyu_quickstart", checkpoint, "--to", "onnx", "--out", "model.onnx")
    assert (mdetools.folder / "model.json").is_file()


def test_a_picture_by_the_model_that_comes_with_it(mdetools):
    picture = np.linspace(0, 255, 60 * 80 * 3).reshape(60, 80, 3).astype(np.uint8)
    cv2.imwrite(str(mdetools.folder / "photo.png"), picture)
    mdetools("infer", "photo.png", "--out", "out")
    assert list((mdetools.folder / "out").glob("photo*"))


def test_a_component_is_written_from_the_templates_inside(mdetools):
    told = mdetools("new", "loss", "my_loss", "--folder", "mine")
    written = mdetools.folder / "mine" / "mine" / "my_loss.py"
    assert str(written) in told and "class MyLoss(nn.Module):" in written.read_text()


def test_the_example_plugin(mdetools):
    shutil.copytree(PLUGIN / "configs", mdetools.folder / "configs")
    mdetools("synthetic", "nyu", "data/rooms", "--train", 8, "--val", 4, "--size", "48x64")
    assert "TinyBackbone" in mdetools("list", "BACKBONES")
    for name in ("tiny", "tiny_imports", "tiny_dotted"):
        assert "best bias so far" in mdetools("train", f"configs/{name}.py")
