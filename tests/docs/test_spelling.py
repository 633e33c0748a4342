"""The pages and the code are spell-checked: codespell knows the usual misspellings of English words."""

import pytest
from support.commands import run_command

OURS = "lifes,fro"  # several pictures called still life; to and fro


@pytest.mark.parametrize(
    "part", ["docs", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "mdetools", "tools", "configs"]
)
def test_no_usual_misspelling(part):
    done = run_command(
        "python", "-m", "codespell_lib", "--ignore-words-list", OURS, "--skip", "_build,*.safetensors,*.jpg", part
    )
    assert done.returncode == 0, done.stdout
