"""The documentation is built by Sphinx without a warning, and no link in it is dead."""

import shutil
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from support.commands import run_command
from support.paths import ROOT

pytestmark = pytest.mark.slow


class Links(HTMLParser):
    """Collects the targets of a page's links, and the names that may be linked to."""

    def __init__(self):
        super().__init__()
        self.targets, self.names = [], set()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.names |= {attributes[key] for key in ("id", "name") if attributes.get(key)}
        self.targets += [attributes[key] for key in ("href", "src") if attributes.get(key)]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of the built pages."""
    folder = tmp_path_factory.mktemp("docs")
    source = shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("_build"))
    for name in ("mdetools", "configs", "examples", "tools"):  # pages link to files there
        (folder / name).symlink_to(ROOT / name, target_is_directory=True)
    done = run_command("python", "-m", "sphinx", "-q", "-W", "--keep-going", source, folder / "html", seconds=600)
    assert done.returncode == 0, done.stderr
    return folder / "html"


def test_no_link_is_dead(built):
    pages = {}
    for path in built.rglob("*.html"):
        pages[path] = Links()
        pages[path].feed(path.read_text(encoding="utf-8"))
    dead = []
    for path, page in pages.items():
        if "_modules" in path.parts:  # listings of the code, whose links back Sphinx makes
            continue
        for target in page.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            place = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = pages[place].names if place in pages else None
            if not place.exists() or (parts.fragment and known is not None and unquote(parts.fragment) not in known):
                dead.append(f"{path.relative_to(built)} -> {target}")
    assert len(pages) > 20 and not dead, "\n".join(dead)


def test_the_contract_page_has_every_line_of_the_tables(built):
    from mdetools.contract import FIELDS, QUANTITIES

    text = (built / "contract.html").read_text(encoding="utf-8")
    assert all(f'<span class="pre">{name}</span>' in text for name in (*FIELDS, *QUANTITIES))
