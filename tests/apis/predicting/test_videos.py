"""Videos: rate and size of the source, one range, smoothing, bounded memory, and files that end early."""

import sys
import tracemalloc

import cv2
import numpy as np
import pytest
from support.commands import load_tool
from support.stub_inferencer import StubInferencer
from support.user_errors import user_error

from mdetools.apis.inference import entries_of
from mdetools.apis.inference.video import ahead, read_video
from mdetools.apis.predicting.video_file import Smoother

RATE, SIZE = 12.0, (48, 64)


def write_video(path, levels, size=SIZE):
    """Grey frames of these levels."""
    encoder = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), RATE, size[::-1])
    assert encoder.isOpened()
    for level in levels:
        encoder.write(np.full((*size, 3), level, np.uint8))
    encoder.release()
    return path


def level_of(image):
    """A map that is the picture's mean level, with a slope."""
    height, width = image.shape[:2]
    return image.mean().astype(np.float32) + np.linspace(0, 10, width, dtype=np.float32) + np.zeros((height, 1), "f4")


@pytest.fixture
def infer(tmp_path, monkeypatch):
    tool = load_tool("infer")

    def run(*words, predict=level_of, quantity="depth"):
        monkeypatch.setattr("mdetools.apis.opening.DepthInferencer", lambda *_, **__: StubInferencer(predict, quantity))
        line = ["infer.py", "dav2/vits_nyu", "c.pth", *map(str, words), "--out", str(tmp_path / "out"), "--overwrite"]
        monkeypatch.setattr(sys, "argv", line)
        return tool.main(tool.parse_args())

    return run


def frames_of(path):
    video = read_video(path)
    return list(video.frames), video


def test_a_video_keeps_its_rate_and_size_and_each_frame_its_place(infer, tmp_path, capsys):
    levels = [20, 60, 100, 140, 180]
    source = write_video(tmp_path / "a.mp4", levels)
    assert infer(source, "--pred-only", "--grayscale", "--vmin", 0, "--vmax", 255, "--save", "npy") == 0
    frames, video = frames_of(tmp_path / "out/a_depth.mp4")
    assert (video.rate, video.size, len(frames)) == (RATE, SIZE, 5)
    means = np.array([frame.mean() for frame in frames])
    np.testing.assert_allclose(means, 255 - (np.array(levels) + 5), atol=4)  # far is dark
    stored = [np.load(tmp_path / f"out/a/{number:06d}.npy") for number in range(5)]
    np.testing.assert_allclose([values[0, 0] for values in stored], levels, atol=5)  # as the codec keeps them
    assert f"{tmp_path}/out/a_depth.mp4: 5 frames of depth in m" in capsys.readouterr().out
    assert [path.name for path in (tmp_path / "out").iterdir() if path.is_file()] == ["a_depth.mp4"]
    assert infer(source) == 0  # side by side
    assert frames_of(tmp_path / "out/a_depth.mp4")[1].size == (SIZE[0], 2 * SIZE[1])


def test_one_range_of_colours_for_a_whole_video(infer, tmp_path):
    source = write_video(tmp_path / "a.mp4", [40, 40, 200, 200])
    words = [source, "--pred-only", "--grayscale"]
    infer(*words)
    alone = [frame.mean() for frame in frames_of(tmp_path / "out/a_depth.mp4")[0]]
    assert np.ptp(alone) < 5  # each frame in its own range
    infer(*words, "--one-range")
    together = [frame.mean() for frame in frames_of(tmp_path / "out/a_depth.mp4")[0]]
    assert together[0] - together[-1] > 200


def test_smoothing_is_the_exponential_mean_and_takes_relative_maps_to_the_scale_of_the_past(tmp_path):
    rng = np.random.default_rng(0)
    maps = rng.random((4, 14, 21)).astype(np.float32)
    smooth, expected = Smoother(0.75), maps[0]
    np.testing.assert_array_equal(smooth(maps[0], False), maps[0])
    for values in maps[1:]:
        expected = 0.75 * expected + 0.25 * values
        np.testing.assert_allclose(smooth(values, False), expected, rtol=1e-6)
    smooth = Smoother(0.5)
    smooth(maps[0], True)
    np.testing.assert_allclose(smooth(3 * maps[0] - 2, True), maps[0], atol=1e-5)
    np.testing.assert_array_equal(smooth(maps[1, :7], True), maps[1, :7])  # of another size: a new beginning


def test_smoothing_by_the_tool(infer, tmp_path):
    source = write_video(tmp_path / "a.mp4", [40, 200, 200])
    assert infer(source, "--smooth", 0.5, "--save-npy") == 0
    stored = [np.load(tmp_path / f"out/a/{number:06d}.npy")[0, 0] for number in range(3)]
    np.testing.assert_allclose(stored, [40, 120, 160], atol=3)


def test_chosen_frames_are_those_of_the_whole_video(tmp_path):
    source = write_video(tmp_path / "a.mp4", range(10, 210, 20))
    whole = frames_of(source)[0]
    chosen = list(read_video(source, [0, 3, 4, 9]).frames)
    assert len(whole) == 10
    np.testing.assert_array_equal(chosen, [whole[number] for number in (0, 3, 4, 9)])
    assert [entry.frame for entry in entries_of(source)] == list(range(10))


def test_memory_does_not_grow_with_a_videos_length(infer, tmp_path):
    peaks = []
    for count in (10, 40):
        source = write_video(tmp_path / f"{count}.mp4", np.arange(count), (120, 160))
        tracemalloc.start()
        assert infer(source, "--pred-only") == 0
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0] + 500_000


def test_what_is_no_video_is_one_line_and_others_are_done(infer, tmp_path, capsys):
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    user_error(lambda: infer(tmp_path / "bad.mp4"), "bad.mp4: not a readable video")
    user_error(lambda: infer(tmp_path / "none.mp4"), "none.mp4: cannot be read")
    write_video(tmp_path / "good.mp4", [10, 20])
    assert infer(tmp_path / "bad.mp4", tmp_path / "good.mp4") == 1
    assert "no result: " in capsys.readouterr().err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["good_depth.mp4"]
    user_error(
        lambda: infer(tmp_path / "good.mp4", predict=lambda _: np.ones(4), quantity="scores"), "no video is drawn"
    )
    assert infer(tmp_path) == 1  # a folder of videos alone


def test_a_video_that_ends_early_is_told(infer, tmp_path, monkeypatch, capsys):
    source = write_video(tmp_path / "a.mp4", range(100))
    real = StubInferencer.stream

    def early(self, inputs, **options):
        for result in real(self, inputs, **options):
            if result.frame == 50:
                return
            yield result

    monkeypatch.setattr(StubInferencer, "stream", early)
    assert infer(source) == 1
    assert f"{source}: only 50 of 100 frames can be read" in capsys.readouterr().err


def test_reading_ahead_hands_on_errors_and_stops_when_it_is_left():
    drawn = []

    def items():
        for number in range(1000):
            drawn.append(number)
            yield number

    left = ahead(items(), 3)
    assert [next(left) for _ in range(5)] == [0, 1, 2, 3, 4]
    left.close()
    assert len(drawn) <= 10

    def failing():
        yield 1
        raise ValueError("broken")

    broken = ahead(failing(), 3)
    assert next(broken) == 1
    with pytest.raises(ValueError, match="broken"):
        next(broken)
