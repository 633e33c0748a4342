import io
import os
import time

import cv2
import numpy as np
import pytest
from PIL import Image
from support.stub_inferencer import StubInferencer
from support.user_errors import user_error

from mdetools.apis import Result, load
from mdetools.apis.demo.downloads import content_of
from mdetools.apis.demo.handlers import Handlers, Screen
from mdetools.apis.demo.page import view_of
from mdetools.apis.demo.pictures import color_limits, grid_of, known_pixels, painted, reduced
from mdetools.apis.demo.routes import shown_values
from mdetools.apis.demo.shape import mesh_of, shape_caption
from mdetools.apis.demo.store import Kept, ResultStore
from mdetools.apis.demo.sweeping import sweep
from mdetools.apis.demo.view import View, as_seen, camera_text, view_from
from mdetools.apis.demo.visits import Visits
from mdetools.errors import UserError
from mdetools.visualization import color_table


def photo(path, size=(60, 80)):
    noise = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    cv2.imwrite(str(path), cv2.resize(noise, size[::-1], interpolation=cv2.INTER_CUBIC))
    return path


def made(quantity="depth", size=(60, 80)):
    rng = np.random.default_rng(1)
    values = rng.uniform(1, 9, size).astype(np.float32)
    image = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
    return Result(quantity, {"depth": "m"}.get(quantity, ""), size, values, image=image)


def ply_points(content):
    head, body = content.split(b"end_header\n", 1)
    count = int(head.split(b"element vertex ")[1].split()[0])
    kinds = np.dtype([("xyz", "<f4", 3), ("rgba", "u1", (len(body) - 12 * count) // count)])
    return np.frombuffer(body, kinds, count)


def test_files_hold_what_the_inferencer_predicts(tmp_path):
    """A picture brought to the page, and the same file through `load` by hand: one map, to the last bit."""
    path, store, predict = photo(tmp_path / "photo.png"), ResultStore(10**8), load(device="cpu")
    (expected,) = predict(str(path))
    kept = store.get(Visits(predict, store, tmp_path).predict(str(path)))
    assert kept.name == "photo" and expected.map.std() > 0
    np.testing.assert_array_equal(kept.result.map, expected.map)
    npy = np.load(io.BytesIO(content_of(kept.result, View(), "npy", None)))
    np.testing.assert_array_equal(npy, expected.map)
    numbers = Image.open(io.BytesIO(content_of(kept.result, View(), "png16", None)))
    scale, offset = float(numbers.text["scale"]), float(numbers.text["offset"])
    np.testing.assert_allclose(np.asarray(numbers) / scale + offset, expected.map, atol=0.51 / scale)
    cursor = np.frombuffer(shown_values(kept, View()).body, "<f4").reshape(60, 80)
    np.testing.assert_array_equal(cursor, expected.map)


def test_points_are_those_of_the_map_and_the_focal_length():
    result = made()
    points = ply_points(content_of(result, View(focal_length=70.0, cut_edges=False), "ply", None))
    expected = [
        ((column - 39.5) * z / 70, (row - 29.5) * z / 70, z)
        for row, line in enumerate(result.map.astype(np.float64))
        for column, z in enumerate(line)
    ]
    np.testing.assert_allclose(points["xyz"], expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(points["rgba"][:, :3], result.image.reshape(-1, 3))


def test_large_maps_are_thinned_and_every_value_is_one_of_a_pixel():
    result = made(size=(33, 100))
    grid = grid_of(result, 40)
    assert (grid.step, grid.first, grid.values.shape) == (3, 1, (11, 33))
    for row in range(11):
        for column in range(33):
            assert grid.values[row, column] == result.map[1 + 3 * row, 1 + 3 * column]
    small = reduced(as_seen(result, View(focal_length=90.0)), 40)
    assert small.intrinsics[0, 0] == 30 and small.intrinsics[0, 2] == 49.5 / 3
    np.testing.assert_array_equal(small.map, result.map[::3, ::3])


def test_colours_and_range():
    result = made()
    low, high = color_limits(result, View())
    np.testing.assert_allclose((low, high), np.percentile(result.map, (1, 99)))
    drawn = painted(result, View("viridis", low=2, high=6))
    share = np.clip((result.map.astype(np.float64) - 2) / 4, 0, 1)
    expected = color_table("viridis")[::-1][(share * 255 + 0.5).astype(int)]  # near is bright
    assert np.abs(drawn.astype(int) - expected).max() <= 8 and (drawn == expected).mean() > 0.999
    flipped = painted(result, View("viridis", True, 2, 6))
    assert (flipped == color_table("viridis")[(share * 255 + 0.5).astype(int)]).mean() > 0.999


def test_a_relative_map_becomes_metres_by_scale_and_shift_alone():
    result = made("inverse_depth")
    line = user_error(lambda: content_of(result, View(), "ply", None), "no point cloud", "scale and shift")
    assert "Camera and scale" in line
    assert user_error(lambda: content_of(result, View(scale=2.0), "ply", None)) == line
    assert "not the true shape" in shape_caption(result, View())
    view = View(scale=0.1, shift=-0.2, cut_edges=False)
    seen = as_seen(result, view)
    inverse = result.map.astype(np.float64) * 0.1 - 0.2
    expected = np.where(inverse > 0, 1 / inverse, 0)
    assert (seen.quantity, seen.unit) == ("depth", "m") and (expected == 0).any()
    np.testing.assert_allclose(seen.map, expected, rtol=1e-6)
    assert len(ply_points(content_of(result, view, "ply", None))) == (expected > 0).sum() == known_pixels(seen).sum()
    assert "numbers that you entered" in shape_caption(result, view)


def test_the_camera_is_entered_or_known_or_assumed_and_the_page_says_which():
    result = made()
    assert as_seen(result, View(field_of_view=90)).intrinsics[0, 0] == pytest.approx(40)
    assert camera_text(result, View(field_of_view=90)) == "focal length 40 px, from an assumed field of view of 90°"
    assert camera_text(result, View(focal_length=55.0)).endswith("55 px, as entered")
    known = as_seen(result, View(focal_length=66.0))
    assert camera_text(known, View()) == "focal length 66 px, of the picture's own camera"


def test_disparity_becomes_metres_by_the_baseline():
    result = made("disparity")
    user_error(lambda: content_of(result, View(), "ply", None), "baseline")
    seen = as_seen(result, View(focal_length=50.0, baseline=0.2))
    np.testing.assert_allclose(seen.map, 50 * 0.2 / result.map.astype(np.float64), rtol=1e-5)


@pytest.mark.parametrize("quantity", ["depth", "inverse_depth"])
def test_the_mesh_has_the_shape_of_a_plane(quantity):
    """A wall at 2 m is flat and as wide as its field of view says; a relief's longer side is 1."""
    trimesh = pytest.importorskip("trimesh")
    result = made(quantity)
    wall = np.full(result.size, 2.0, np.float32)
    if quantity == "inverse_depth":
        wall += np.linspace(0, 1e-3, 80, dtype=np.float32)
    flat = Result(quantity, result.unit, result.size, wall, image=result.image)
    scene = trimesh.load(io.BytesIO(mesh_of(flat, View(focal_length=40.0))), file_type="glb")
    width, height, _ = scene.extents
    unit = 2 / 40 if quantity == "depth" else 1 / 80
    np.testing.assert_allclose((width, height), (79 * unit, 59 * unit), rtol=1e-5)


def test_an_address_says_the_same_as_the_view():
    view = View("turbo", True, 0.5, 2.0, 500.0, 45.0, 0.1, 0.2, None, False)
    words = dict(pair.split("=") for pair in view.query.split("&"))
    assert view_from(words) == view and View().query == ""
    user_error(lambda: view_from({"low": "x"}), "'x'", "expected a number")
    user_error(lambda: view_from({"colormap": "jet"}), "jet")
    user_error(lambda: View(scale=-1.0), "scale", "above 0")


def test_the_store_keeps_what_fits_and_the_newest():
    one = Kept(made(), "a")
    store = ResultStore(2 * one.size)
    pinned, *names = store.add(one, pinned=True), *(store.add(one) for _ in range(3))
    user_error(lambda: store.get(names[0]), "no longer kept")
    assert store.get(names[1]) is store.get(names[2]) is store.get(pinned) is one
    store.get(names[1])
    store.add(one)
    user_error(lambda: store.get(names[2]), "no longer kept")
    assert store.get(names[1]) is one
    small = ResultStore(1)
    assert small.get(small.add(one)) is one


def test_old_files_go_and_the_oldest_beyond_a_size(tmp_path):
    (tmp_path / "upload").mkdir()
    paths = [tmp_path / name for name in ("kept", "half-way", "upload/a", "upload/b")]
    for age, path in zip((900, 800, 20, 10), paths, strict=True):
        path.write_bytes(bytes(100))
        stamp = time.time() - age
        os.utime(path, (stamp, stamp))
    assert sweep(tmp_path, 600, 1000, frozenset(paths[:1])) == 1
    assert [path.exists() for path in paths] == [True, False, True, True]
    assert sweep(tmp_path, 600, 150, frozenset(paths[:1])) == 1
    assert [path.exists() for path in paths] == [True, False, False, True]


def test_bad_files_are_told_of_in_one_line_without_the_servers_folder(tmp_path, monkeypatch):
    visits = Visits(StubInferencer(lambda image: image[..., 0].astype(np.float32)), ResultStore(10**8), tmp_path)
    text, cut, wide = tmp_path / "text.png", tmp_path / "cut.png", photo(tmp_path / "wide.png")
    text.write_text("no picture")
    cut.write_bytes(photo(tmp_path / "whole.png").read_bytes()[:700])
    for path in (text, cut):
        line = user_error(lambda path=path: visits.predict(str(path)), path.name)
        assert str(tmp_path) not in line
    monkeypatch.setattr("mdetools.apis.demo.visits.MOST_PIXELS", 4000)
    user_error(lambda: visits.predict(str(wide)), "wide.png: has 80 x 60 pixels", "smaller")
    monkeypatch.setattr("mdetools.apis.demo.visits.MOST_BYTES", 100)
    user_error(lambda: visits.predict(str(wide)), "wide.png", "at most")
    film = tmp_path / "text.mp4"
    film.write_text("no video")
    line = user_error(lambda: visits.predict(str(film)), "text.mp4", "not a readable video")
    assert str(tmp_path) not in line


def test_a_video_is_predicted_up_to_a_number_of_frames(tmp_path, monkeypatch):
    film = tmp_path / "film.mp4"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter_fourcc(*"mp4v"), 10, (96, 64))
    for brightness in range(60, 180, 10):
        writer.write(np.full((64, 96, 3), brightness, np.uint8))
    writer.release()
    monkeypatch.setattr("mdetools.apis.demo.videos.MOST_FRAMES", 8)
    ramp = np.linspace(1, 5, 96, dtype=np.float32)
    stub = StubInferencer(lambda image: np.tile(ramp, (len(image), 1)))
    stub.stream = closing(stub.stream)
    told, store = [], ResultStore(10**8)
    kept = store.get(Visits(stub, store, tmp_path).predict(str(film), told.append))
    assert (kept.video.frames, kept.video.of, told[-1]) == (8, 12, "Predicting frame 8 of 8")
    capture = cv2.VideoCapture(str(kept.video.path))
    frames = []
    while (read := capture.read())[0]:
        frames.append(read[1])
    assert len(frames) == 8 and frames[0].shape == (64, 192, 3) and abs(capture.get(cv2.CAP_PROP_FPS) - 10) < 0.1
    assert abs(int(frames[0][32, 48].mean()) - 60) < 8  # the picture is on the left
    screen = Handlers(Visits(stub, store, tmp_path), store, tmp_path).bring(str(film), View())
    assert "the first 8 of 12 frames" in screen.viewer


def closing(stream):
    """A generator, as that of `DepthInferencer` is, whatever the stub gives."""

    def streamed(inputs, **options):
        yield from stream(inputs, **options)

    return streamed


def test_a_range_that_falls_is_refused_and_round_numbers_hold_the_map(tmp_path):
    store = ResultStore(10**8)
    handlers = Handlers(Visits(None, store, tmp_path), store, tmp_path)
    name = store.add(Kept(made(), "photo"))
    with pytest.raises(UserError, match="expected it to rise"):
        handlers.paint(name, View(low=5.0, high=2.0))
    span = handlers.measure(name, View()).span
    result = store.get(name).result
    assert span.least <= result.map.min() < span.low < span.high < result.map.max() <= span.most
    low, high = np.percentile(result.map, (1, 99))
    assert abs(span.low - low) <= span.step / 2 and abs(span.high - high) <= span.step / 2 and span.step == 0.01


def test_numbers_that_are_left_at_zero_are_not_said():
    assert view_of(["turbo", False, 0.0, 2.0, 0, 60, 0, 0, 0, True]) == View("turbo", low=0.0, high=2.0)
    assert view_of(["turbo", False, None, None, 500, 60, 0.1, 0, 0.2, True]) == View(
        "turbo", focal_length=500, scale=0.1, shift=0.0, baseline=0.2
    )


def test_a_page_loaded_again_has_its_result_while_that_is_kept(tmp_path):
    store = ResultStore(10**6)
    handlers = Handlers(Visits(None, store, tmp_path), store, tmp_path)
    name = store.add(Kept(made(), "photo"))
    screen = handlers.resume(name, View())
    assert screen.name == name and screen.viewer == handlers.measure(name, View()).viewer
    assert handlers.resume("gone", View()) == Screen()
