"""Follows docs/add_a_component.md to the letter: the example plugin is installed, and the page's commands are run."""

import re
import shlex
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.commands import run_command
from support.paths import ROOT

PAGE = (ROOT / "docs" / "add_a_component.md").read_text()
PLUGIN = ROOT / "examples" / "mdetools_example_plugin"
COMMANDS = "".join(re.findall(r"```bash\n(.*?)```", PAGE, flags=re.DOTALL)).splitlines()
ENTRY_POINT = '[project.entry-points."mdetools.plugins"]\nmdetools_example_plugin = "mdetools_example_plugin"\n'


def command(part):
    """The page's one command with `part` in it."""
    (found,) = [line for line in COMMANDS if part in line]
    return found


def run_line(line, folder, *path):
    """Runs a command in `folder`, with this Python, and `path` and mdetools to import from."""
    program, *words = shlex.split(line)
    start = {"python": ["python"], "mdetools": ["python", "-m", "mdetools"]}[program]
    return run_command(*start, *words, folder=folder, imports=(*path, ROOT))


def succeed(line, folder, *path):
    """Runs a command that has to succeed; returns what it wrote."""
    result = run_line(line, folder, *path)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def install(package, site):
    """The page's `pip install .`, into a folder of its own and without the network; returns the folder."""
    assert "pip install ." in COMMANDS
    options = f"--quiet --disable-pip-version-check --no-deps --no-build-isolation --target {shlex.quote(str(site))}"
    succeed(f"python -m pip install {options} .", package)
    return site


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A copy of the plugin's folder, with the data that its configs name."""
    folder = shutil.copytree(PLUGIN, tmp_path_factory.mktemp("plugin") / "package")
    succeed(command("mdetools synthetic"), folder)
    return folder


@pytest.fixture(scope="module")
def outputs(package):
    """What the page's commands wrote, by name. Two run at a time, as starting Python takes them most of their time."""
    plain = shutil.copytree(package, package.parent / "plain")  # its names are not known before a config is read
    project = (plain / "pyproject.toml").read_text()
    assert ENTRY_POINT in project
    (plain / "pyproject.toml").write_text(project.replace(ENTRY_POINT, ""))

    def entry_point():
        site = install(package, package.parent / "site")
        return succeed(command("train configs/tiny.py"), package, site) + succeed(
            command("mdetools test"), package, site
        )

    def others():
        site = install(plain, package.parent / "plain_site")
        return [succeed(command(f"train configs/{name}.py"), package, site) for name in ("tiny_imports", "tiny_dotted")]

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(entry_point), pool.submit(others)
        return dict(zip(("tiny", "tiny_imports", "tiny_dotted"), [first.result(), *second.result()], strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("config", ["tiny", "tiny_imports", "tiny_dotted"])
def test_the_installed_package_is_found_and_trains(package, outputs, config):
    assert "best bias so far" in outputs[config]
    assert (package / "work_dirs" / config / "best_bias.pth").is_file()


@pytest.mark.slow
def test_only_one_of_the_two_is_found_by_its_entry_point(package, outputs):
    found = {site.name for site in package.parent.glob("*site") if list(site.glob("*/entry_points.txt"))}
    assert found == {"site"} and (package.parent / "plain_site" / "mdetools_example_plugin" / "__init__.py").is_file()


@pytest.mark.slow
def test_the_best_checkpoint_is_tested(outputs):
    test = outputs["tiny"].rsplit("Epoch(test)", 1)[1]
    trained = re.findall(r"best bias so far: (\S+)", outputs["tiny"])[-1]
    assert re.search(r"bias: (\S+)", test)[1] == trained


def test_the_page_shows_the_files_of_the_plugin():
    shown = dict(re.findall(r"```(?:python|toml)\n# (\S+)\n(.*?)```", PAGE, flags=re.DOTALL))
    files = {path.relative_to(PLUGIN).as_posix(): path.read_text() for path in PLUGIN.rglob("*.[pt][yo]*")}
    assert shown == files


def test_the_pages_own_tests_pass(package):
    assert "7 passed" in succeed(command("pytest"), package)


def test_the_pages_code_is_clean(package):
    succeed(
        f"python -m ruff check --config {shlex.quote(str(ROOT / 'ruff.toml'))} --ignore I mdetools_example_plugin",
        package,
    )


NAN = """
import torch
from mdetools_example_plugin.loss import huber_loss
prediction = torch.tensor([1.0, 2.0]).view(1, 1, 1, 2).requires_grad_()
target = torch.tensor([1.5, torch.nan]).view(1, 1, 1, 2)
value = huber_loss(prediction, target, ~target.isnan(), delta=0.1)
value.backward()
print(value.item(), *prediction.grad.flatten().tolist())
"""


def test_its_loss_bears_nan_where_nothing_was_measured():
    """In a process of its own, since the import registers."""
    done = run_command("python", "-c", NAN, imports=(ROOT, PLUGIN))
    assert done.returncode == 0, done.stderr
    assert [float(word) for word in done.stdout.split()] == pytest.approx([0.1 * (0.5 - 0.05), -0.1, 0])
