"""Config files: programs and plain data, their bases, and what is wrong with them."""

import json
import time
from pathlib import Path

import mmengine
import pytest
from support.paths import ROOT

from mdetools.engine.configs.loading import load_config
from mdetools.errors import UserError

VITS = ROOT / "configs" / "dav2" / "vits_nyu.py"
BASE = f"_base_ = ['{VITS}']\n"


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Writes files, the last of which is loaded; "PWNED" is what a file must not leave."""
    monkeypatch.chdir(tmp_path)

    def load(files: dict, options=None):
        for name, text in files.items():
            Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_config(name, options)

    yield load
    assert not Path("PWNED").exists()


def refusal(load, files, options=None):
    with pytest.raises(UserError) as caught:
        load(files, options)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 1000
    return str(caught.value)


@pytest.mark.parametrize(
    "before",
    ["import os\n", "import os, torch\n", "from pathlib import Path\nfrom math import exp\n", "import numpy as np\n"],
)
def test_a_program_may_import_above_its_base(load, before):
    cfg = load(
        {"mine.py": before + BASE + "def double(n): return 2 * n\nmodel = dict(head=dict(features=double(16)))\n"}
    )
    assert cfg.model.head.features == 32 and cfg.model.head.type == "DPTHead"
    assert not {"os", "torch", "Path", "np", "double"} & set(cfg)
    assert "features=32" in cfg.pretty_text


def test_what_a_program_computes_is_written_out(load):
    cfg = load({
        "mine.py": "import numpy as np\nfrom pathlib import Path\nfrom torch.optim import SGD\n"
        + BASE
        + "optim_wrapper = dict(optimizer=dict(_delete_=True, type=SGD, lr=np.float64(0.5)))\n"
        + "train_dataloader = dict(batch_size=np.int64(3), dataset=dict(data_root=Path('a') / 'b'))\n"
    })  # fmt: skip
    assert cfg.optim_wrapper.optimizer == {"type": "torch.optim.sgd.SGD", "lr": 0.5}
    assert type(cfg.optim_wrapper.optimizer.lr) is float and type(cfg.train_dataloader.batch_size) is int
    assert cfg.train_dataloader.dataset.data_root == "a/b"


@pytest.mark.parametrize(
    "line, reason",
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("from os import no_such_name", "ImportError: cannot import name"),
        ("assert 1 == 2, 'in two\\nlines'", "AssertionError: in two lines"),
        ("assert False", "AssertionError"),
        ("raise Exception('own')", "Exception: own"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("(lambda f: f(f))(lambda f: f(f))", "RecursionError"),
        ("x = [0] * 10**15", "MemoryError"),
        ("open('nothing')", "FileNotFoundError"),
    ],
)
def test_what_a_program_raises_is_one_line_with_its_place(load, line, reason):
    message = refusal(load, {"mine.py": f"{BASE}\n{line}\n"})
    assert message.startswith("config 'mine.py' cannot be read: '") and f"mine.py', line 3 ({line[:20]}" in message
    assert reason in message
    in_base = refusal(load, {"base.py": f"\n{line}\n", "heir.py": "_base_ = 'base.py'\n"})
    assert in_base.startswith("config 'heir.py' cannot be read: '") and "base.py', line 2" in in_base


def test_a_fault_in_a_base_names_the_base(load):
    deep = {
        "bad.py": "x = 1\nmodel = dict(\n",
        "middle.py": "_base_ = './bad.py'\n",
        "top.py": "_base_ = ['middle.py']\n",
    }
    assert "cannot be read: its base 'bad.py': line 2: SyntaxError: '(' was never closed" in refusal(load, deep)
    broken = {b"\xff": "UnicodeDecodeError", b"a\0b": "null bytes", b"x = " + b"-" * 100_000 + b"1": "Error"}
    for content, reason in broken.items():
        message = refusal(load, {"bad.py": content, "top.py": "_base_ = 'bad.py'\n"})
        assert "its base 'bad.py': " in message and reason in message


@pytest.mark.parametrize(
    "files",
    [
        {"a.py": "_base_ = 'a.py'"},
        {"a.py": "_base_ = ['a' + '.py']"},
        {"b.py": "_base_ = './a.py'", "a.py": "_base_ = ['b.py']"},
        {"b.py": "_base_ = 'a.py'", "c.py": "_base_ = 'b.py'", "a.py": "_base_ = 'c.py'"},
        {"a.yaml": "_base_: a.yaml"},
        {"b.json": '{"_base_": "a.yaml"}', "a.yaml": "_base_: [b.json]"},
    ],
)
def test_a_base_of_itself_is_named(load, files):
    assert "is a base of itself; take it out of _base_ in '" in refusal(load, files)


@pytest.mark.parametrize(
    "base, reason",
    [
        ("'https://host/c.py'", "expected a file on this machine"),
        ("'mmengine::x/y.py'", "expected a file on this machine"),
        ("5", "_base_ is 5, expected a list of files"),
        ("['a.py', 5]", "expected a list of files"),
        ("'gone.py'", "its base 'gone.py' does not exist"),
        ("'.'", "does not exist"),
        ("'list.txt'", "its base 'list.txt': expected a file that ends in .py, .yaml, .yml or .json"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_base_that_is_no_config_is_one_line(load, base, reason):
    assert reason in refusal(load, {"list.txt": "x", "a.py": "", "mine.py": f"_base_ = {base}\n"})


PAYLOADS = [
    "!!python/object/apply:os.system ['touch PWNED']",
    "!!python/object/new:subprocess.Popen [[touch, PWNED]]",
    "!!python/name:os.system",
    "!!python/module:os",
    "!!python/tuple [1]",
    "!!binary aGk=",
    "!!set {a}",
    "!!timestamp 2011-09-26",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_yaml_builds_plain_values_alone(load, payload):
    assert "cannot be read: " in refusal(load, {"evil.yaml": f"_x: {payload}\n"})
    assert "its base 'evil.yml': " in refusal(
        load, {"evil.yml": f"_x: {payload}\n", "mine.py": "_base_ = 'evil.yml'\n"}
    )


@pytest.mark.parametrize(
    "entries",
    [
        {"model": {"type": "os.system", "command": "touch PWNED"}},
        {"model": {"type": "evil.Backbone"}},
        {"_base_": str(VITS), "model": {"backbone": {"type": "evil.Backbone"}}},
        {"_base_": str(VITS), "custom_imports": {"imports": ["evil"]}},
        {"_base_": str(VITS), "model": {"_scope_": "evil"}},
        {"default_scope": "evil"},
        {"_base_": str(VITS), "default_hooks": {"ema": {"type": "EMAHook", "ema_type": "evil.Average"}}},
        {"_base_": str(VITS), "optim_wrapper": {"constructor": "evil.Constructor"}},
        {"_base_": str(VITS), "custom_hooks": [[{"type": "mdetools.evil.Hook"}]]},
    ],
)
@pytest.mark.parametrize("ending", ["json", "yaml"])
def test_data_imports_nothing(load, monkeypatch, tmp_path, entries, ending):
    monkeypatch.syspath_prepend(tmp_path)
    evil = {"evil.py": "open('PWNED', 'w')\n"}
    message = refusal(load, evil | {f"mine.{ending}": json.dumps(entries)})
    assert "is data that runs nothing; use the registered name, or write the config as .py" in message


def test_an_option_of_data_imports_nothing_and_one_of_a_program_does(load):
    data, option = {"mine.yaml": f"_base_: {VITS}\n"}, {"optim_wrapper.optimizer.type": "torch.optim.SGD"}
    fused = {"optim_wrapper.optimizer.fused": False}
    assert "is data that runs nothing" in refusal(load, data, option)
    assert load({"mine.py": BASE}, option | fused).optim_wrapper.optimizer.type == "torch.optim.SGD"


def test_the_bases_of_data_are_data_or_configs_of_mdetools(load):
    program = {"evil.py": "open('PWNED', 'w')\n"}
    for heir in ({"mine.yaml": "_base_: evil.py\n"}, {"mine.json": '{"_base_": ["./evil.py"]}'}):
        assert "its base" in refusal(load, program | heir) and "is a program, and" in refusal(load, program | heir)
    cfg = load(
        {"base.json": json.dumps({"_base_": str(VITS), "randomness": {"seed": 3}}), "mine.yml": "_base_: base.json\n"}
    )
    assert cfg.randomness.seed == 3 and cfg.model.backbone.arch == "vits"
    assert load({"seed.yaml": "randomness: {seed: 4}\n", "mine.py": "_base_ = ['seed.yaml']\n"}).randomness.seed == 4


def test_a_config_written_as_json_is_the_same(load):
    whole = load_config(str(VITS))
    copy = load({"copy.json": json.dumps(whole.to_dict())})
    assert json.loads(json.dumps(copy.to_dict())) == json.loads(json.dumps(whole.to_dict()))


def test_yaml_has_the_numbers_of_the_command_line(load):
    text = "_a: 2011_09_26\n_b: 2011-09-26\n_c: 1e-5\n_d: no\n_e: 0123\n_f: 1:30\n_g:\n_h: '5'\n_i: true\n_j: [00, 1]\n"
    cfg = load({"mine.yaml": text})
    assert [cfg[f"_{name}"] for name in "abcdefghij"] == [
        "2011_09_26", "2011-09-26", 1e-5, "no", "0123", "1:30", None, "5", True, ["00", 1],
    ]  # fmt: skip


BOMB = "_a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"_{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "name, text, reason",
    [
        ("bomb.yaml", BOMB, "more than 1000000 values"),
        ("cycle.yaml", "_a: &a [*a]", "may hold itself"),
        ("deep.yaml", "[" * 500, "RecursionError"),
        ("deep.json", "[" * 100_000, "RecursionError"),
        ("long.yaml", "a: b\n" * 50_000, "expected at most 200000"),
        ("twice.yaml", "model: 1\nmodel: 2\n", "the key 'model' stands twice"),
        ("twice.json", '{"a": {"b": 1, "b": 2}}', "the key 'b' stands twice"),
        ("list.yaml", "- 1", "expected a dict of entries"),
        ("empty.yaml", "", "expected a dict of entries"),
        ("number.yaml", "1: 2", "has the key 1, expected a name"),
        ("key.yaml", "? [a]\n: 2", "unhashable"),
        ("half.json", '{"a": ', "JSONDecodeError"),
    ],
)
def test_broken_data_is_one_line(load, name, text, reason):
    assert reason in refusal(load, {name: text})


@pytest.mark.parametrize("value", ["object()", "{1}", "b'x'", "lambda: 3", "range(3)", "1j", "{3: 4}", "{None: 4}"])
def test_values_that_cannot_be_written_out_are_named(load, value):
    message = refusal(load, {"mine.py": f"{BASE}_x = dict(a=[{value}])\n"})
    assert message.startswith("config: _x.a.0 ") and (
        "expected plain values" in message or "expected a name" in message
    )


@pytest.mark.parametrize("name, text", [
    ("mine.yaml", "_base_: '{{ fileDirname }}/evil.py'\n"),
    ("mine.json", '{"_base_": ["{{fileDirname}}/evil.py"]}'),
    ("mine.yml", "_base_: ['{{ fileBasenameNoExtension }}.py']\n"),
])  # fmt: skip
def test_a_base_of_data_has_no_variables_that_mmengine_would_fill_in(load, name, text):
    evil = "open('PWNED', 'w').close()\n"
    assert "expected a path without variables" in refusal(load, {"evil.py": evil, "mine.py": evil, name: text})


def test_mmengine_reads_annotations_with_its_own_handlers(load, tmp_path):
    load({"mine.yaml": f"_base_: {VITS}\n"})
    (tmp_path / "annotations.json").write_text(json.dumps([1] * 200_000))
    (tmp_path / "list.yaml").write_text("- 1\n- 2\n")
    assert len(mmengine.load(tmp_path / "annotations.json")) == 200_000
    assert mmengine.load(tmp_path / "list.yaml") == [1, 2]


def test_a_comment_on_the_lazy_way_of_inheriting_changes_nothing(load):
    assert load({"mine.py": "# unlike `with read_base()`, read_base\n" + BASE}).model.head.type == "DPTHead"


def test_a_name_that_no_file_system_takes_is_one_line(load):
    with pytest.raises(UserError, match="no config file 'aaaa"):
        load_config("a" * 5000 + ".py")


def test_bases_of_many_are_read_once(load):
    files = {"0.py": BASE}
    files |= {f"{n}.py": f"_base_ = ['{n - 1}.py']\n" for n in range(1, 4)}
    files |= {f"{n}.py": f"_base_ = ['{n - 1}.py', '{n - 1}.py']\n" for n in range(4, 6)}
    start = time.process_time()
    with pytest.raises(UserError, match="Duplicate key"):  # MMEngine's own answer
        load(files)
    assert time.process_time() - start < 5
