"""The files that a forge reads: the citation, the issue forms."""

import pytest
import yaml
from support.paths import ROOT

from mdetools import __version__

FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
KINDS = {"markdown", "textarea", "input", "dropdown", "checkboxes"}


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    required = {"cff-version", "message", "title", "authors"}  # by the Citation File Format 1.2.0
    assert required <= set(citation) and citation["version"] == __version__
    assert citation["license"] == "Apache-2.0" and all("name" in author for author in citation["authors"])


@pytest.mark.parametrize("path", [form for form in FORMS if form.stem != "config"], ids=lambda path: path.stem)
def test_issue_forms_are_whole(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert form["name"] and form["description"]
    fields = [one for one in form["body"] if one["type"] != "markdown"]
    names = [one["id"] for one in fields]
    assert {one["type"] for one in form["body"]} <= KINDS and len(names) == len(set(names)) > 0
    assert all(one["attributes"]["label"] for one in fields)
