"""docs/contract.md is what its script writes of the tables."""

from support.commands import run_command
from support.paths import ROOT

CODE = "from pathlib import Path; from contract_tables import write_contract_tables; write_contract_tables(Path())"


def test_the_page_is_that_of_the_tables(tmp_path):
    done = run_command("python", "-c", CODE, folder=tmp_path, imports=(ROOT, ROOT / "docs"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "contract.md").read_text() == (ROOT / "docs" / "contract.md").read_text()
