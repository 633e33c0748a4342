"""Labelling a folder of images: what is written, what a kill leaves, and how two processes share the work."""

import os
import signal
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from support.commands import load_tool
from support.tiny_training import in_child, in_two_processes, tiny_config, write_nyu_frames
from support.user_errors import user_error

from mdetools.apis.pseudo_labels import LabelOptions, image_pipeline, label_images, writing
from mdetools.apis.pseudo_labels.label_file import LabelFormat
from mdetools.datasets.image_folder import ImageFolderDataset
from mdetools.engine.configs.loading import load_config
from mdetools.engine.process.cli import run_cli
from mdetools.engine.process.distributed import leave_process_group, start_process_group
from mdetools.registry import MODELS

SIZES = [(40, 56)] * 7 + [(56, 40)] * 4 + [(40, 56)] * 2
IN_ONE_THREAD = dict(workers=0, writers=1, batch_size=2)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a config, weights, and images of two sizes in two folders, one of them broken."""
    folder = tmp_path_factory.mktemp("labelling")
    rng = np.random.default_rng(0)
    for number, size in enumerate(SIZES):
        path = folder / "images" / ("a" if number < 5 else "b") / f"{number:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse = rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)
        cv2.imwrite(str(path), cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC))
    config = tiny_config(folder / "tiny.py", folder / "nyu")
    text = config.read_text()
    config.write_text(text.replace("model = dict(", "model = dict(losses=dict(silog=None),", 1))
    torch.manual_seed(0)
    relative = {"model.head.output": {"_delete_": True, "type": "ReluInverseDepth"}}
    for name, options in (("metric", {}), ("relative", relative)):
        model = MODELS.build(load_config(str(config), options).model)
        torch.save({"state_dict": model.state_dict()}, folder / f"{name}.pth")
    return folder


def configured(place, kind="relative"):
    output = {"model.head.output": {"_delete_": True, "type": "ReluInverseDepth"}} if kind == "relative" else {}
    return load_config(str(place / "tiny.py"), output)


def label(place, out, kind="relative", images="images", **options):
    """Labels the images in this process."""
    cfg = configured(place, kind)
    dataset = ImageFolderDataset(str(place / images), pipeline=image_pipeline(cfg))
    options = LabelOptions(**{**IN_ONE_THREAD, **options})
    return label_images(cfg, str(place / f"{kind}.pth"), dataset, out, options)


def contents(folder):
    """The label files of a folder, by their path in it."""
    files = (path for path in folder.rglob("*") if path.suffix in (".png", ".npz", ".tmp"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def alone(place, out):
    """What the network predicts for each image on its own, with both sides averaged, by plain steps."""
    cfg = configured(place)
    model = MODELS.build(cfg.model).eval()
    model.load_state_dict(torch.load(place / "relative.pth")["state_dict"])
    dataset = ImageFolderDataset(str(place / "images"), pipeline=image_pipeline(cfg))
    for index, name in enumerate(dataset.names):
        image = (dataset[index]["image"][None] / 255 - model.data_preprocessor.mean) / model.data_preprocessor.std
        with torch.no_grad():
            both = [model.run(image)["inverse_depth"], model.run(image.flip(-1))["inverse_depth"].flip(-1)]
        size = cv2.imread(str(place / "images" / name)).shape[:2]
        mean = torch.nn.functional.interpolate(sum(both) / 2, size, mode="bilinear", align_corners=True)
        yield (out / name).with_suffix(""), mean[0, 0].numpy().astype(np.float64)


def test_each_label_is_the_networks_map_at_the_images_size(place, tmp_path):
    outcome = label(place, tmp_path / "png")
    assert (outcome.written, outcome.kept, outcome.broken) == (len(SIZES), 0, [])
    label(place, tmp_path / "npz", format="npz", batch_size=4, workers=1, writers=2)
    for path, expected in alone(place, tmp_path / "png"):
        stored = cv2.imread(f"{path}.png", cv2.IMREAD_UNCHANGED)
        scaled = (expected - expected.min()) / (expected.max() - expected.min())
        np.testing.assert_allclose(stored / 65535, scaled, atol=2e-3)
        with np.load(tmp_path / "npz" / path.relative_to(tmp_path / "png").with_suffix(".npz")) as file:
            np.testing.assert_allclose(file["inverse_depth"], expected, rtol=2e-3, atol=1e-4)


def test_a_metric_teacher_gives_one_over_its_metres(place, tmp_path):
    label(place, tmp_path, "metric", format="npz", flip=False)
    model = MODELS.build(configured(place, "metric").model).eval()
    model.load_state_dict(torch.load(place / "metric.pth")["state_dict"])
    dataset = ImageFolderDataset(str(place / "images"), pipeline=image_pipeline(configured(place)))
    image = (dataset[0]["image"][None] / 255 - model.data_preprocessor.mean) / model.data_preprocessor.std
    with torch.no_grad():
        depth = model.run(image)["depth"]
    depth = torch.nn.functional.interpolate(depth, (40, 56), mode="bilinear", align_corners=True)
    with np.load((tmp_path / dataset.names[0]).with_suffix(".npz")) as file:
        np.testing.assert_allclose(file["inverse_depth"], 1 / depth[0, 0].double().numpy(), rtol=2e-3)


def test_labels_are_read_back_beside_their_images(place, tmp_path):
    label(place, tmp_path)
    dataset = ImageFolderDataset(str(place / "images"), labels=str(tmp_path))
    sample = dataset.load(8)
    stored = cv2.imread(str((tmp_path / dataset.names[8]).with_suffix(".png")), cv2.IMREAD_UNCHANGED)
    np.testing.assert_allclose(sample["inverse_depth"], stored / 65535, atol=1e-6)
    assert sample["valid_mask"].all() and len(dataset) == len(SIZES)


def test_what_is_there_is_kept_and_what_was_cut_is_written_again(place, tmp_path):
    label(place, tmp_path)
    before = contents(tmp_path)
    cut, gone, kept = (tmp_path / f"a/{number:02d}.png" for number in (0, 2, 1))
    cut.write_bytes(before["a/00.png"][:-20])
    gone.unlink()
    time = kept.stat().st_mtime_ns
    outcome = label(place, tmp_path)
    assert (outcome.written, outcome.kept) == (2, len(SIZES) - 2)
    assert contents(tmp_path) == before and kept.stat().st_mtime_ns == time


@pytest.mark.parametrize("change", [dict(flip=False), dict(format="npz"), dict(amp="bf16"), dict(kind="metric")])
def test_labels_of_other_settings_are_refused(place, tmp_path, change):
    label(place, tmp_path)
    before = contents(tmp_path)
    user_error(lambda: label(place, tmp_path, **change), "holds pseudo-labels of another", "delete this one")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("options", [dict(batch_size=0), dict(format="jpg"), dict(amp="fp16"), dict(workers=-1)])
def test_options_that_make_no_sense(options):
    user_error(lambda: LabelOptions(**options), "")


def test_a_broken_image_is_named_counted_and_left_out(place, tmp_path, capsys):
    folder = tmp_path / "images"
    folder.mkdir()
    whole = (place / "images/a/00.png").read_bytes()
    for name, content in {"1": whole, "2": whole[:200], "3": whole}.items():
        (folder / f"{name}.png").write_bytes(content)
    arguments = [str(place / "tiny.py"), str(place / "metric.pth"), str(folder), str(tmp_path / "out")]
    for written, kept in ((2, 0), (0, 2)):
        with pytest.raises(SystemExit) as end:
            run_tool(*arguments, "--workers", "0")
        told = capsys.readouterr()
        assert end.value.code == 1
        assert f"{written} labels written, {kept} kept" in told.out
        assert f"no label: {folder / '2.png'}: " in told.err and "1 without a label" in told.err
    assert sorted(contents(tmp_path / "out")) == ["1.png", "3.png"]


def run_tool(*arguments):
    tool = load_tool("pseudo_label")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["pseudo_label.py", *arguments])
        run_cli(tool.main, tool.parse_args())


def test_numbers_that_are_not_finite_or_too_large_make_no_label(tmp_path):
    kind = LabelFormat(".x", lambda values: b"written", lambda path: True, largest=10.0)
    for value, told in ((np.nan, "not finite"), (np.inf, "not finite"), (11.0, "beyond 10")):
        path = tmp_path / "label.x"
        assert told in writing.write_label(path, torch.tensor([[1.0, value]]), kind)
        assert not path.exists()
    assert writing.write_label(path, torch.tensor([[1.0, -10.0]]), kind) is None
    assert path.read_bytes() == b"written"


def label_and_die(place, out, labels):
    """Labels the images until so many are written; the next one is half on the disk when the process is killed."""
    write, encode = writing.write_label, {}

    def write_or_die(path, inverse_depth, kind):
        if len(encode) == labels:
            path.parent.mkdir(parents=True, exist_ok=True)
            half = kind.encode(inverse_depth.numpy())
            path.with_name(f".{path.name}.0123abcd.tmp").write_bytes(half[: len(half) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        encode[path] = True
        return write(path, inverse_depth, kind)

    writing.write_label = write_or_die
    label(place, out)


def test_killed_and_resumed_gives_byte_identical_files(place, tmp_path):
    assert in_child(tmp_path / "log", label, place, tmp_path / "whole") == 0
    expected = contents(tmp_path / "whole")
    for labels in (3, 4, 2):  # of which those two that follow go on from what is there
        assert in_child(tmp_path / "log", label_and_die, place, tmp_path / "killed", labels) == -signal.SIGKILL
    assert any(name.endswith(".tmp") for name in contents(tmp_path / "killed"))
    found = {name: data for name, data in contents(tmp_path / "killed").items() if name.endswith(".png")}
    assert len(found) == 9 and found.items() <= expected.items()
    assert in_child(tmp_path / "log", label, place, tmp_path / "killed") == 0
    assert contents(tmp_path / "killed") == expected


def label_and_note(place, out, notes):
    """Labels as one of several processes, and notes which files this one wrote."""
    start_process_group("pytorch")
    write = writing.write_label

    def write_and_note(path, inverse_depth, kind):
        with Path(notes, os.environ["RANK"]).open("a") as file:
            file.write(f"{path.relative_to(out)}\n")
        return write(path, inverse_depth, kind)

    writing.write_label = write_and_note
    outcome = label(place, out)
    Path(notes, f"outcome{os.environ['RANK']}").write_text(f"{outcome.written} {outcome.kept} {len(outcome.broken)}")
    leave_process_group()


def test_two_processes_share_the_work_and_never_write_one_file_twice(place, tmp_path):
    label(place, tmp_path / "alone")
    notes = tmp_path / "notes"
    notes.mkdir()
    assert in_two_processes(tmp_path / "log", label_and_note, place, tmp_path / "out", notes) == 0, (
        tmp_path / "log"
    ).read_text()
    first, second = ((notes / rank).read_text().split() for rank in "01")
    assert len(first) == 7 and len(second) == 6, "every second batch of two"
    assert sorted(first + second) == sorted(contents(tmp_path / "alone"))
    assert contents(tmp_path / "out") == contents(tmp_path / "alone")
    assert (notes / "outcome0").read_text() == (notes / "outcome1").read_text() == f"{len(SIZES)} 0 0"


def hold(place, out, ready):
    label(place, out)
    ready.touch()
    signal.pause()


def test_a_second_run_in_the_same_folder_is_refused(place, tmp_path):
    from multiprocessing import get_context

    ready = tmp_path / "ready"
    process = get_context("fork").Process(target=hold, args=(place, tmp_path / "out", ready))
    process.start()
    try:
        while not ready.exists() and process.is_alive():
            pass
        user_error(lambda: label(place, tmp_path / "out"), "in use by another run", "choose another folder")
    finally:
        process.kill()
        process.join()


def test_the_same_picture_through_the_test_gives_the_same_map(place, tmp_path):
    """tools/test.py and tools/pseudo_label.py prepare an image alike, up to the last bit."""
    cfg = configured(place)
    write_nyu_frames(tmp_path / "nyu", train=0, val=1)
    from mdetools.datasets import NYUDataset
    from mdetools.datasets.collation import collate_samples

    dataset = NYUDataset(str(tmp_path / "nyu"), "val", pipeline=image_pipeline(cfg))
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images/1.png"), dataset.load(0)["image"][..., ::-1])
    model = MODELS.build(cfg.model).eval()
    model.load_state_dict(torch.load(place / "relative.pth")["state_dict"])
    with torch.inference_mode():
        (tested,) = model.test_step(collate_samples([dataset[0]]))
    images = ImageFolderDataset(str(tmp_path / "images"), pipeline=image_pipeline(cfg))
    options = LabelOptions(format="npz", flip=False, **IN_ONE_THREAD)
    label_images(cfg, str(place / "relative.pth"), images, tmp_path / "out", options)
    with np.load(tmp_path / "out/1.npz") as file:
        np.testing.assert_array_equal(file["inverse_depth"], tested["inverse_depth"][0].numpy().astype(np.float16))
