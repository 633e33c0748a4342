"""Follows docs/add_a_component.md to the letter: its package is installed, and its commands are run."""

import re
import shlex
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.commands import run_command
from support.paths import ROOT

PAGE = (ROOT / "docs" / "add_a_component.md").read_text()
COMMANDS = "".join(re.findall(r"```bash\n(.*?)```", PAGE, flags=re.DOTALL)).splitlines()
ENTRY_POINT = '[project.entry-points."mdetools.plugins"]\ndepth_extras = "depth_extras"\n'


def command(part):
    """The page's one command with `part` in it."""
    (found,) = [line for line in COMMANDS if part in line]
    return found


def run_line(line, folder, *path):
    """Runs a command in `folder`, with this Python, and `path` and mdetools to import from."""
    words = shlex.split(line)
    assert words[0] == "python"
    return run_command(*words, folder=folder, imports=(*path, ROOT))


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
    """The page's files in a folder beside the clone, with the data that its configs name."""
    parent = tmp_path_factory.mktemp("plugin")
    (parent / "mdetools").symlink_to(ROOT, target_is_directory=True)
    folder = parent / "package"
    for path, code in re.findall(r"```(?:python|toml)\n# (\S+)\n(.*?)```", PAGE, flags=re.DOTALL):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code)
    succeed(command("make_synthetic.py"), folder)
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
        return succeed(command("train.py configs/tiny.py"), package, site) + succeed(command("test.py"), package, site)

    def others():
        site = install(plain, package.parent / "plain_site")
        return [
            succeed(command(f"train.py configs/{name}.py"), package, site) for name in ("tiny_imports", "tiny_dotted")
        ]

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
    assert found == {"site"} and (package.parent / "plain_site" / "depth_extras" / "__init__.py").is_file()


@pytest.mark.slow
def test_the_best_checkpoint_is_tested(outputs):
    test = outputs["tiny"].rsplit("Epoch(test)", 1)[1]
    trained = re.findall(r"best bias so far: (\S+)", outputs["tiny"])[-1]
    assert re.search(r"bias: (\S+)", test)[1] == trained


def test_the_pages_own_tests_pass(package):
    assert "7 passed" in succeed(command("pytest"), package)


def test_the_pages_code_is_clean(package):
    succeed(f"python -m ruff check --config {shlex.quote(str(ROOT / 'ruff.toml'))} --ignore I depth_extras", package)
