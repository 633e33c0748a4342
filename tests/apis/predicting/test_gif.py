"""--save gif: a cloud that turns, in one file."""

import sys

import numpy as np
import pytest
from PIL import Image
from support.commands import load_tool
from support.stub_inferencer import StubInferencer
from support.user_errors import user_error

from mdetools.apis import Result
from mdetools.apis.inference.cameras import pinhole
from mdetools.apis.saving import check_saving, formats_of
from mdetools.apis.saving import gif as module

BLOCKS = np.array([[200, 40, 40], [40, 200, 40], [40, 40, 200], [230, 230, 60]], np.uint8)


def room(height=60, width=80):
    """A wall at 2 m in four colours, with a nearer part."""
    depth = np.full((height, width), 2.0, np.float32)
    depth[20:40, 30:50] = 1.2
    return depth, np.repeat(np.repeat(BLOCKS.reshape(2, 2, 3), height // 2, 0), width // 2, 1)


def result_of(depth, image=None, camera=True, quantity="depth"):
    return Result(
        quantity, "m", depth.shape, map=depth, image=image, intrinsics=pinhole(70, depth.shape) if camera else None
    )


def write(result, path, **options):
    (one,) = formats_of(["gif"], **options)
    one.write(result, path)
    return path


def frames_of(path):
    with Image.open(path) as picture:
        count, facts = picture.n_frames, dict(picture.info)
        frames = []
        for number in range(count):
            picture.seek(number)
            frames.append(np.asarray(picture.convert("RGB")).astype(int))
    return frames, facts


def test_a_gif_turns_without_end_and_says_its_unit_and_camera(tmp_path):
    depth, image = room()
    frames, facts = frames_of(write(result_of(depth, image), tmp_path / "a.tmp"))
    assert len(frames) == 36 and {frame.shape for frame in frames} == {(60, 80, 3)}
    assert (facts["loop"], facts["duration"]) == (0, 80)
    assert facts["comment"] == b"quantity depth, unit m, fx 70, fy 70, cx 39.5, cy 29.5"
    # Around the middle, which stays, the first frame has the picture's colours; a quarter turn on it has moved.
    for row, column, block in ((15, 15, 0), (15, 65, 1), (45, 15, 2), (45, 65, 3)):
        assert np.abs(frames[0][row, column] - BLOCKS[block]).max() <= 12
    assert [np.abs(frames[0] - frames[number]).mean() > 1 for number in (9, 18, 27)] == [True] * 3
    moved = [np.abs(frames[number] - frames[(number + 1) % 36]).mean() for number in range(36)]
    assert max(moved) < 6 * np.median(moved)  # no jump, from the last to the first neither


def test_what_lies_behind_comes_out_beside_what_is_in_front(tmp_path):
    """Turned to the side, the wall behind the nearer part has no points, and its place is dark."""
    depth, image = room()
    frames, _ = frames_of(write(result_of(depth, image), tmp_path / "a.gif", cut_edges=0.1))
    inner = np.s_[17:43, 20:60]
    dark = [(frame[inner] <= 40).all(-1).mean() for frame in frames]
    assert dark[9] > 0.02 and dark[27] > 0.02
    halves = [
        [(frames[number][17:43, half] <= 40).all(-1).sum() for half in (np.s_[20:40], np.s_[40:60])]
        for number in (9, 27)
    ]
    (left, right), (left_later, right_later) = halves
    # The part swings to the left, so that the gap is on its right, and then the other way
    assert right > 1.3 * left and left_later > 1.3 * right_later


def test_a_large_picture_is_thinned(tmp_path, monkeypatch):
    counts = []
    monkeypatch.setattr(
        module, "turning_frames", lambda points, *_: counts.append(len(points)) or [np.zeros((4, 4, 3), np.uint8)]
    )
    for size in ((720, 960), (2000, 3000)):
        write(result_of(np.ones(size, np.float32)), tmp_path / "a.gif")
    assert counts == [720 * 960, 500 * 750]


@pytest.mark.parametrize(
    ("quantity", "camera", "said"),
    [
        ("inverse_depth", True, "is relative: without its scale and shift 1 / value bends every plane"),
        ("disparity", True, "becomes metres with a camera alone; give --focal-length and --baseline"),
        ("depth", False, "its focal length is not known"),
    ],
)
def test_a_map_without_scale_or_camera_is_refused(tmp_path, quantity, camera, said):
    depth, _ = room()
    user_error(lambda: write(result_of(depth, camera=camera, quantity=quantity), tmp_path / "a.gif"), said)
    if camera:
        user_error(lambda: check_saving(["gif"], quantity), said)


def test_the_tool_writes_a_gif_without_the_package_of_the_other_clouds(tmp_path, monkeypatch):
    tool, (depth, image) = load_tool("infer"), room()
    Image.fromarray(image).save(tmp_path / "a.png")
    monkeypatch.setitem(sys.modules, "trimesh", None)
    monkeypatch.setattr("mdetools.apis.opening.DepthInferencer", lambda *_, **__: StubInferencer(lambda _: depth))
    line = ["infer.py", "dav2/vits_nyu", "c.pth", str(tmp_path / "a.png"), "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", [*line, "--save", "gif", "--focal-length", "70"])
    assert tool.main(tool.parse_args()) == 0
    frames, _ = frames_of(tmp_path / "out/a.gif")
    expected, _ = frames_of(write(result_of(depth, image), tmp_path / "b.gif"))
    np.testing.assert_array_equal(frames, expected)
    user_error(lambda: check_saving(["gif", "ply"], "depth"), "mdetools[clouds]")
