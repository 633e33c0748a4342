import pickle
import zipfile
from functools import partial

import numpy as np
import pytest
from support.kitti_layout import DRIVE, projected, scan_path, scan_points, write_kitti
from support.user_errors import user_error
from torch.utils.data import DataLoader

from mdetools.datasets import KITTIDataset
from mdetools.datasets.readers import ground_truth_file
from mdetools.datasets.readers.ground_truth_file import GroundTruthFile, write_ground_truth


@pytest.fixture
def root(tmp_path):
    return write_kitti(tmp_path / "kitti", sides="lr")


@pytest.fixture
def export(run_tool):
    """Runs the tool with arguments; gives its exit code and what it printed."""
    return partial(run_tool, "export_ground_truth")


def test_exported_and_read_again(root, tmp_path, export):
    out = tmp_path / "new/depth.npz"
    code, printed, progress = export(out, "--data-root", root, "--split", "train")
    assert code == 0 and "depth of 6 frames" in printed and "depth: 6/6" in progress
    with np.load(out) as file:
        np.testing.assert_allclose(file[f"{DRIVE} 4 l"], projected(scan_points(4), 2), rtol=1e-6)
        np.testing.assert_allclose(file[f"{DRIVE} 4 r"][:, ::-1], projected(scan_points(4), 3), rtol=1e-6)
    straight = [KITTIDataset(str(root), depth_source="velodyne").load(index) for index in range(6)]
    for number in (3, 4, 12):
        scan_path(root, number).unlink()
    dataset = KITTIDataset(str(root), ground_truth=str(out), pipeline=[dict(type="PackSample")])
    assert dataset.depth_source == dataset.metainfo["ground_truth"] == "velodyne"
    loader = DataLoader(dataset, batch_size=None, num_workers=2)  # each process with a file handle of its own
    copy = pickle.loads(pickle.dumps(dataset))
    for index, sample in enumerate(loader):
        for other in (sample, copy[index]):
            np.testing.assert_array_equal(other["depth"][0], straight[index]["depth"])
            np.testing.assert_array_equal(other["valid_mask"][0], straight[index]["valid_mask"])


def test_test_set_of_a_config(root, tmp_path, export):
    loader = dict(dataset=dict(type="KITTIDataset", data_root="nowhere", split="train", depth_source="velodyne_devkit"))
    config = tmp_path / "config.py"
    config.write_text(f"test_dataloader = {loader!r}\n")
    out = tmp_path / "depth.npz"
    assert export(config, out, "--data-root", root)[0] == 0
    with np.load(out) as file:
        assert str(file["depth_source"]) == "velodyne_devkit"
        np.testing.assert_allclose(file[f"{DRIVE} 3 l"], projected(scan_points(3), 2, offset=1), rtol=1e-6)


def test_test_set_of_several_data_sets(root, tmp_path, export):
    (root / "first.txt").write_text(f"{DRIVE} 3 l\n")
    (root / "second.txt").write_text(f"{DRIVE} 4 l\n")
    part = dict(type="KITTIDataset", data_root=str(root), depth_source="velodyne")
    parts = [dict(part, split="first"), dict(part, split="second")]
    config = tmp_path / "config.py"
    config.write_text(f"test_dataloader = dict(dataset=dict(type='ConcatDataset', datasets={parts!r}))\n")
    assert export(config, tmp_path / "depth.npz")[0] == 0
    with np.load(tmp_path / "depth.npz") as file:
        assert str(file["depth_source"]) == "velodyne"
        for number in (3, 4):
            np.testing.assert_allclose(file[f"{DRIVE} {number} l"], projected(scan_points(number), 2), rtol=1e-6)


def test_a_failed_export_leaves_nothing(root, tmp_path, export):
    scan_path(root, 12).unlink()
    out = tmp_path / "depth.npz"
    out.write_text("what was there")
    code, _, err = export(out, "--data-root", root, "--split", "train")
    assert code == 2
    assert err.splitlines()[-1].startswith("error: no velodyne scan")
    assert out.read_text() == "what was there"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["depth.npz", "kitti"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["a.txt"], "expected a name that ends in .npz"), (["a.npz", "--depth-source", "x"], "no depth_source 'x'")],
)
def test_wrong_calls(root, tmp_path, export, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    code, _, err = export(*arguments, "--data-root", root)
    assert code == 2 and words in err


def test_a_data_set_without_depth(root, tmp_path, export):
    config = tmp_path / "config.py"
    config.write_text(f"test_dataloader = dict(dataset=dict(type='KITTIDataset', data_root={str(root)!r}))\n")
    code, _, err = export(config, tmp_path / "a.npz")
    assert code == 2 and "set depth_source" in err


@pytest.mark.parametrize(
    ("options", "config", "words"),
    [
        (
            ["--depth-source", "velodyne"],
            dict(type="NYUDataset", data_root="x"),
            "NYUDataset has no argument 'depth_source'",
        ),
        (["--split", "val"], dict(type="ConcatDataset", datasets=[]), "ConcatDataset has no argument 'split'"),
        (["--split", "val"], dict(type="KITTIDatset"), "did you mean 'KITTIDataset'?"),
    ],
)
def test_an_option_that_the_data_set_does_not_have(tmp_path, export, options, config, words):
    path = tmp_path / "config.py"
    path.write_text(f"test_dataloader = dict(dataset={config!r})\n")
    code, _, err = export(path, tmp_path / "a.npz", *options)
    assert code == 2 and words in err and len(err.splitlines()) == 1
    assert words.startswith("did") or f"leave {options[0]} out" in err


def test_arrays_are_named_by_the_line_without_leading_zeros(root, tmp_path, export):
    (root / "padded.txt").write_text(f"{DRIVE} 0000000004 r\n")
    out = tmp_path / "depth.npz"
    assert export(out, "--data-root", root, "--split", "padded")[0] == 0
    with np.load(out) as file:
        assert sorted(file) == [f"{DRIVE} 4 r", "depth_source"]


def test_files_that_do_not_fit(root, tmp_path):
    path = tmp_path / "depth.npz"

    def load(**more):
        return KITTIDataset(str(root), ground_truth=str(path), **more)

    user_error(load, f"no ground truth file {path}", "tools/export_ground_truth.py")
    depths = {frame.id: np.ones((30, 64), np.float32) for frame in KITTIDataset(str(root)).frames}
    write_ground_truth(path, depths.items(), "velodyne")
    assert load(depth_source="velodyne").load(3)["depth"].mean() == 1
    user_error(lambda: load(depth_source="annotated"), str(path), "from depth_source 'velodyne', expected 'annotated'")
    write_ground_truth(path, list(depths.items())[1:], "velodyne")
    user_error(load, f"lacks 1 frames of the split, e.g. '{DRIVE} 3 l'")
    write_ground_truth(path, ((name, depth[:9]) for name, depth in depths.items()), None)
    user_error(lambda: load()[2], "depth has shape (9, 64), expected (30, 64)", f"split line '{DRIVE} 4 l'")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    user_error(load, "the file cannot be read (File is not a zip file)")
    np.savez(path, depth=np.ones(3))
    user_error(load, "no ground truth file; write it again")
    np.save(tmp_path / "depth.npy", np.ones(3))
    (tmp_path / "depth.npy").rename(path)
    user_error(load, "the file cannot be read (File is not a zip file)")


@pytest.mark.parametrize(
    "depth",
    [
        np.ones((30, 64)),
        np.ones((30, 64), np.complex64),
        np.ones((30, 64), np.float16),
        np.ones((30, 64), np.int32),
        np.ones((30, 64), ">f4"),
        np.full((30, 64), "text"),
        np.ones((30, 64, 1), np.float32),
        np.float32(1),
        np.zeros((30, 64), [("a", "f4")]),
    ],
    ids=lambda depth: f"{depth.dtype}{depth.ndim}",
)
def test_depth_of_another_type(tmp_path, depth):
    path = tmp_path / "depth.npz"
    np.savez(path, depth_source="velodyne", one=depth)
    file = GroundTruthFile(str(path), ["one"])
    user_error(lambda: file.depth("one"), f"{path}: 'one' is ", "expected f4 with 2", "tools/export_ground_truth.py")


def test_pickles_are_not_opened(tmp_path):
    path, there = tmp_path / "depth.npz", tmp_path / "there"

    class Gadget:
        def __reduce__(self):
            return there.touch, ()

    np.savez(path, depth_source="velodyne", one=np.array([[Gadget()]], object))
    user_error(lambda: GroundTruthFile(str(path), ["one"]).depth("one"), "'one' cannot be read (holds pickled objects)")
    np.savez(path, depth_source=np.array(Gadget(), object))
    user_error(lambda: GroundTruthFile(str(path), []), "'depth_source' cannot be read")
    assert not there.exists()


@pytest.mark.parametrize(
    "source",
    [np.array(5), np.array(["velodyne"]), np.array(b"velodyne"), np.frombuffer(b"\xff" * 4, "<U1").reshape(())],
    ids=["number", "list", "bytes", "no characters"],
)
def test_a_source_that_is_no_text(tmp_path, source):
    np.savez(tmp_path / "a.npz", depth_source=source)
    user_error(lambda: GroundTruthFile(str(tmp_path / "a.npz"), []), "a.npz: 'depth_source' ")


def test_a_source_that_would_speak_to_the_terminal(tmp_path):
    write_ground_truth(tmp_path / "a.npz", [], "\x1b[31mvelodyne" + "x" * 5000)
    assert GroundTruthFile(str(tmp_path / "a.npz"), []).depth_source.isprintable()


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 4)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
        "{'descr': 'nonsense', 'fortran_order': False, 'shape': (2, 2)}",
        "{'descr': '<f4', 'fortran_order': False",
        "[" * 5000,
        "",
    ],
    ids=lambda header: header[-20:],
)
@pytest.mark.parametrize("version", [b"\x01\x00", b"\x02\x00", b"\x03\x00", b"\x09\x00"])
def test_headers_that_do_not_fit_their_array(tmp_path, header, version):
    size = len(header).to_bytes(2 if version == b"\x01\x00" else 4, "little")
    np.savez(tmp_path / "a.npz", depth_source="velodyne")
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as archive:
        archive.writestr("one.npy", b"\x93NUMPY" + version + size + header.encode() + bytes(16))
    file = GroundTruthFile(str(tmp_path / "a.npz"), ["one"])
    user_error(lambda: file.depth("one"), "a.npz: 'one' cannot be read (", "tools/export_ground_truth.py")


def test_ids_that_lead_out_of_the_folder_write_nothing_there(tmp_path):
    depth = np.ones((2, 3), np.float32)
    ids = ["../../outside", "/outside", "..", "a/../../b"]
    write_ground_truth(tmp_path / "deep/folder/a.npz", [(name, depth) for name in ids], "velodyne")
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == [tmp_path / "deep/folder/a.npz"]
    file = GroundTruthFile(str(tmp_path / "deep/folder/a.npz"), ids)
    for name in ids:
        np.testing.assert_array_equal(file.depth(name), depth)


@pytest.mark.parametrize("start", range(1000, 20000, 1370))
def test_a_damaged_array(root, tmp_path, start):
    path = tmp_path / "depth.npz"
    values = np.random.default_rng(0).uniform(1, 9, (6, 30, 64)).astype(np.float32)
    frames = KITTIDataset(str(root)).frames
    write_ground_truth(path, ((frame.id, depth) for frame, depth in zip(frames, values, strict=True)), "velodyne")
    content = bytearray(path.read_bytes())
    content[start : start + 400] = bytes(400)
    path.write_bytes(content)
    dataset = KITTIDataset(str(root), ground_truth=str(path))

    def load_all():
        for index in range(len(dataset)):
            dataset[index]

    user_error(load_all, str(path), "cannot be read")


def test_a_folder_that_cannot_be_written_to(tmp_path):
    (tmp_path / "file").write_text("")
    user_error(lambda: write_ground_truth(tmp_path / "file" / "a.npz", [], None), "cannot be written")


@pytest.mark.parametrize("side", [200, 1])  # full while an array is written, and when the file is closed
def test_a_full_disk(tmp_path, side, monkeypatch):
    whole = zipfile.ZipFile
    monkeypatch.setattr(ground_truth_file.zipfile, "ZipFile", lambda path, *settings: whole("/dev/full", *settings))
    noise = np.random.default_rng(0).uniform(size=(side, side))
    user_error(
        lambda: write_ground_truth(tmp_path / "a.npz", [("one", noise)], None),
        "a.npz: cannot be written (the disk is full); free",
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied", "7.bin"), OSError(5, "Input/output error")])
def test_what_cannot_be_read_is_no_fault_of_the_file(tmp_path, error):
    def depths():
        yield "one", np.ones((2, 3), np.float32)
        raise error

    with pytest.raises(OSError) as caught:
        write_ground_truth(tmp_path / "a.npz", depths(), None)
    assert caught.value is error
    assert not list(tmp_path.iterdir())


def test_each_process_opens_the_file_for_itself(tmp_path, monkeypatch):
    write_ground_truth(tmp_path / "a.npz", [("one", np.ones((2, 3), np.float32))], "velodyne")
    file = GroundTruthFile(str(tmp_path / "a.npz"), ["one"])
    handle = file.handle.get()
    assert file.handle.get() is handle
    monkeypatch.setattr("os.getpid", lambda: -5)  # as after a fork, which shares the position in the file
    assert file.handle.get() is not handle
