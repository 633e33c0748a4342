"""tools/compare.py: maps, errors and scores are those of the protocol, whatever the models predict."""

import zipfile
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from support.evaluation import write_weights
from support.stub_inferencer import StubInferencer
from support.user_errors import user_error

from mdetools.apis.pictures import comparing, comparison_from, photos_with_truth, split_words
from mdetools.apis.pictures.comparing import compare_models
from mdetools.apis.pictures.truth import read_truth
from mdetools.visualization import model_panel

SIZE = (40, 56)


def true_depth(number):
    rng = np.random.default_rng(number)
    depth = cv2.resize(rng.uniform(1, 6, (4, 5)).astype(np.float32), SIZE[::-1])
    depth[rng.random(SIZE) < 0.1] = 0
    return depth


def relative_map(number):
    """Inverse depth times 7 plus 2, wrong in its upper rows."""
    known = true_depth(number)
    values = 7 / np.where(known > 0, known, 3) + 2
    values[:5] *= 1.5
    return values.astype(np.float32)


@pytest.fixture
def photos(tmp_path):
    """Three images and their depth: a 16-bit PNG in millimetres, and two arrays in metres."""
    folder, depths = tmp_path / "photos", tmp_path / "depths"
    for place in (folder / "sub", depths / "sub"):
        place.mkdir(parents=True)
    for number, name in enumerate(("a", "b", "sub/c")):
        image = np.full((*SIZE, 3), 60 * number, np.uint8)
        cv2.imwrite(str(folder / f"{name}.png"), image)
        if number:
            np.save(depths / f"{name}.npy", true_depth(number))
        else:
            cv2.imwrite(str(depths / f"{name}.png"), np.rint(1000 * true_depth(number)).astype(np.uint16))
    return folder, depths


@pytest.fixture
def models(monkeypatch):
    """Two models that know the truth: one in metres, 10 % off, one relative with an outlier; gives their candidates."""

    def metric(image):
        return 1.1 * np.where(true_depth(image[0, 0, 0] // 60) > 0, true_depth(image[0, 0, 0] // 60), 3)

    stubs = {
        "metric": StubInferencer(lambda image: metric(image).astype(np.float32)),
        "relative": StubInferencer(lambda image: relative_map(image[0, 0, 0] // 60), "inverse_depth"),
        "classes": StubInferencer(lambda image: np.zeros(SIZE, np.int32), "logits"),
        "larger": StubInferencer(lambda image: cv2.resize(metric(image).astype(np.float32), (112, 80))),
    }
    monkeypatch.setattr("mdetools.apis.opening.load", lambda checkpoint, device: stubs[checkpoint])
    return {name: SimpleNamespace(label=name, config=None, checkpoint=name) for name in stubs}


def options(**values):
    return comparison_from({"protocol": "nyu", **values})


@pytest.fixture
def drawn(monkeypatch):
    found = []
    monkeypatch.setattr(
        comparing, "model_panel", lambda *given, **named: found.append(given) or model_panel(*given, **named)
    )
    return found


def by_hand(prediction, depth, counted):
    return (np.abs(prediction[counted].astype(np.float64) - depth[counted]) / depth[counted]).mean()


def fitted(values, depth, counted):
    """Depth of a relative map, by numpy's least squares in inverse depth."""
    design = np.column_stack([values[counted], np.ones(counted.sum())]).astype(np.float64)
    (scale, shift), *_ = np.linalg.lstsq(design, 1 / depth[counted].astype(np.float64), rcond=None)
    return 1 / np.maximum(scale * values.astype(np.float64) + shift, 1 / 10)


def test_maps_are_shown_as_the_protocol_scores_them(photos, models, drawn):
    comparison = options()
    found = photos_with_truth([str(photos[0])], [str(photos[1])])
    panels = dict(compare_models([models["metric"], models["relative"]], found, comparison))
    assert list(panels) == ["a.png", "b.png", "sub/c.png"] == list(comparison.scores)
    for number, (image, maps, name, truth, known, limits) in enumerate(drawn):
        depth = true_depth(number)
        np.testing.assert_allclose(truth, depth, atol=6e-4)
        np.testing.assert_array_equal(known, truth > 0)
        assert (image == 60 * number).all() and limits == (None, None) and name == list(panels)[number]
        metric, relative = maps
        np.testing.assert_allclose(metric.values[known], 1.1 * depth[known], rtol=1e-6)
        values = relative_map(number)
        expected = fitted(values, truth, known)
        np.testing.assert_allclose(relative.values, expected, rtol=2e-3)
        scores = comparison.scores[name]
        assert scores["metric"] == pytest.approx(by_hand(metric.values, truth, known), rel=1e-5)
        assert scores["relative"] == pytest.approx(by_hand(expected, truth, known), rel=2e-3)
        assert scores["relative"] > 0.01
        assert metric.caption == (f"abs_rel {scores['metric']:.3f}", "metric, not aligned")
        assert relative.caption == (f"abs_rel {scores['relative']:.3f}", "relative, aligned: lstsq_disparity")
        for one in maps:
            np.testing.assert_array_equal(one.counted, known)
    assert comparison.used["metric"].name == "nyu" and comparison.used["relative"].name == "nyu_lstsq_disparity"
    assert "alignment none (of maps that are not in metres: scale >= 0 and shift" in comparison.footnote()


def test_a_protocol_that_aligns_is_for_all_models_and_its_caps_and_crop_count(photos, models, drawn):
    comparison = options(protocol="nyu_median")
    (photo, *_) = photos_with_truth([str(photos[0])], [str(photos[1])])
    list(compare_models([models["metric"], models["larger"]], [photo], comparison))
    ((_, maps, _, truth, known, _),) = drawn
    scale = np.median(truth[known]) / np.median(1.1 * truth[known])
    np.testing.assert_allclose(maps[0].values[known], scale * 1.1 * truth[known], rtol=1e-3)
    assert maps[0].caption[1] == "metric, aligned: median_depth" and comparison.scores["a.png"]["metric"] < 1e-3
    assert maps[1].values.shape == SIZE  # brought to the truth's size
    assert "(of maps" not in comparison.footnote()
    drawn.clear()
    with pytest.warns(
        UserWarning, match="a.png: .* of the known pixels, up to 5.* m, lie beyond 1..3 m, which protocol"
    ):
        comparison = options()
        comparison.protocol = comparing.get_protocol(
            {"base": "nyu", "name": "near", "min_depth": 1.0, "max_depth": 3.0}
        )
        list(compare_models([models["metric"]], [photo], comparison))
    ((_, (shown,), _, truth, known, _),) = drawn
    np.testing.assert_array_equal(shown.counted, known & (truth > 1) & (truth < 3))
    clamped = np.clip(1.1 * truth, 1, 3)
    assert comparison.scores["a.png"]["metric"] == pytest.approx(by_hand(clamped, truth, shown.counted), rel=1e-3)


def test_without_a_truth_maps_say_what_they_are(photos, models, drawn):
    comparison = options(vmin=0.5)
    found = photos_with_truth([str(photos[0] / "b.png")])
    list(compare_models([models["metric"], models["relative"]], found, comparison))
    ((_, maps, name),) = drawn
    assert [one.caption[0] for one in maps] == ["metres, as predicted", "relative, in a range of its own"]
    assert [one.quantity.name for one in maps] == ["depth", "inverse_depth"] and name == "b.png"
    assert comparison.scores == {} and comparison.footnote() == ""
    user_error(lambda: list(compare_models([models["classes"]], found, comparison)), "'classes' predicts 'logits'")


def test_truths_belong_to_images_by_their_names_or_their_order(photos, tmp_path):
    folder, depths = photos
    by_name = photos_with_truth([str(folder)], [str(depths)])
    assert [(one.name, one.truth) for one in by_name] == [
        ("a.png", f"{depths}/a.png"), ("b.png", f"{depths}/b.npy"), ("sub/c.png", f"{depths}/sub/c.npy"),
    ]  # fmt: skip
    in_order = photos_with_truth([str(folder / "b.png"), str(folder / "a.png")], [f"{depths}/b.npy", f"{depths}/a.png"])
    assert [one.truth for one in in_order] == [f"{depths}/b.npy", f"{depths}/a.png"]
    assert len(photos_with_truth([str(folder), str(folder / "a.png")])) == 3  # one image twice
    apart = photos_with_truth([str(folder), str(depths / "a.png")])
    assert [one.name for one in apart] == [f"{folder}/a.png", "b.png", "sub/c.png", f"{depths}/a.png"]
    cv2.imwrite(str(folder / "b.jpg"), np.zeros((4, 6, 3), np.uint8))
    both = [str(folder / "b.jpg"), str(folder / "b.png")]
    user_error(lambda: photos_with_truth(both, [str(depths)]), "b.npy could belong to b.jpg and to b.png, expected one")
    (folder / "b.jpg").unlink()
    images = [str(folder)]
    user_error(lambda: photos_with_truth(images, [f"{depths}/a.png"] * 2), "--truth names 2 files for 3 images")
    user_error(lambda: photos_with_truth(images, ["x.png"] * 3), "--truth: no file 'x.png'")
    user_error(lambda: photos_with_truth(images, [str(tmp_path)]), "3 of 3 images have no depth in it, e.g. a.png")
    np.save(depths / "a.npy", true_depth(0))
    user_error(lambda: photos_with_truth(images, [str(depths)]), "a.npy and ", "could both belong to a.png")
    (depths / "a.npy").unlink()
    (depths / "a.png").unlink()
    with pytest.warns(UserWarning, match="1 of 3 images have no depth in it, e.g. a.png; they are shown without"):
        assert photos_with_truth(images, [str(depths)])[0].truth is None


def test_the_scale_of_a_truth_is_by_its_type_or_as_said(tmp_path):
    values = np.array([[500, 0, 65535]], np.uint16)
    cv2.imwrite(str(tmp_path / "a.png"), values)
    np.testing.assert_allclose(read_truth(str(tmp_path / "a.png")), [[0.5, 0, 0]])
    np.testing.assert_allclose(read_truth(str(tmp_path / "a.png"), 256), [[500 / 256, 0, 0]])
    np.save(tmp_path / "a.npy", np.float32([[0.5, np.nan, np.inf]]))
    np.testing.assert_allclose(read_truth(str(tmp_path / "a.npy")), [[0.5, 0, 0]])
    np.save(tmp_path / "b.npy", np.float32([[-1, 2]]))
    user_error(lambda: read_truth(str(tmp_path / "b.npy")), "1 negative of 2 values")


def test_images_may_stand_before_the_models_or_behind_them(tmp_path):
    models = ["dav2/vits_nyu:best.pth", "mdetools-tiny"]
    for behind in (["a.JPG"], ["list.txt"], [str(tmp_path)], ["more/*.png", "b.png"]):
        assert split_words([*models, *behind], []) == (models, behind)
        assert split_words(models, behind) == (models, behind)
    user_error(lambda: split_words(models, []), "no images are named")
    user_error(lambda: split_words(["a.jpg"], []), "--models names no model")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"protocol": "nyuu"}, "did you mean 'nyu'?"),
        ({"vmin": 3.0, "vmax": 1.0}, "--vmin 3 and --vmax 1: expected a range that rises"),
        ({"depth_scale": -1.0}, "--depth-scale is -1"),
        ({"depth_scale": float("nan")}, "--depth-scale is nan"),
    ],
)
def test_options_that_make_no_sense_are_one_line(values, said):
    user_error(lambda: options(**values), said)


def test_the_tool_draws_trained_models_and_the_one_that_comes_with_mdetools(tiny_nyu, photos, tmp_path, run_tool):
    folder, depths = photos
    weights = write_weights(tiny_nyu, tmp_path / "one.pth", 1)
    words = ["--models", f"{tiny_nyu}:{weights}", "mdetools-tiny", folder, "--truth", depths, "--device", "cpu"]
    code, printed, errors = run_tool("compare", *words, "--out", tmp_path / "sheet.png")
    assert code == 0, errors
    lines = printed.splitlines()
    assert lines[0] == f"{tmp_path}/sheet.png: 3 rows"
    assert lines[1].split() == ["abs_rel", "tiny", "mdetools-tiny"]
    rows = {line.split()[0]: [float(word) for word in line.split()[1:]] for line in lines[3:7]}
    assert list(rows) == ["a.png", "b.png", "sub/c.png", "mean"]
    np.testing.assert_allclose(rows["mean"], np.mean([rows[name] for name in list(rows)[:3]], axis=0), atol=1e-4)
    assert lines[7].startswith("tiny: protocol nyu:") and lines[8].startswith("mdetools-tiny: protocol nyu_lstsq_disp")
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    code, printed, errors = run_tool("compare", *words, "--out", tmp_path / "single")
    files = sorted((tmp_path / "single").iterdir())
    assert [path.name[:3] for path in files] == ["000", "001", "002"]
    assert sum(cv2.imread(str(path)).shape[0] for path in files) > sheet.shape[0]  # each has its own last lines


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--models", "mdetools-tinny", "a.png"], "did you mean 'mdetools-tiny'?"),
        (["no.png", "--models", "mdetools-tiny"], "no.png: cannot be read"),
        (["text.png", "--models", "mdetools-tiny"], "text.png: not a readable image"),
        (["--models", "dav2/vits_nyu:no.pth", "a.png"], "no checkpoint 'no.pth'"),
        (["a.png", "--models", "mdetools-tiny", "--device", "gpu"], "device 'gpu' cannot be used"),
        (["a.png", "--models", "mdetools-tiny", "--out", "a.png/x"], "not a folder"),
        (["a.png", "--models", "mdetools-tiny", "--truth", "text.png"], "text.png: not a readable image"),
        (["a.png", "--models", "mdetools-tiny", "--labels", "x", "y"], "--labels has 2 names for 1 models"),
    ],
)
def test_mistakes_of_the_command_line_are_one_line(tmp_path, run_tool, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("a.png", np.zeros((28, 28, 3), np.uint8))
    (tmp_path / "text.png").write_text("no picture")
    out = [] if "--out" in words else ["--out", "sheet.png"]
    code, printed, errors = run_tool("compare", *words, *out)
    assert code == 2 and printed == "" and errors.count("\n") == 1 and said in errors, errors
    assert not (tmp_path / "sheet.png").exists()


def test_images_in_an_archive_are_compared_too(photos, models, tmp_path, drawn):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for name in ("a", "sub/c"):
            archive.write(photos[0] / f"{name}.png", f"{name}.png")
    comparison = options()
    list(
        compare_models([models["metric"]], photos_with_truth([f"{tmp_path}/photos.zip"], [str(photos[1])]), comparison)
    )
    assert list(comparison.scores) == ["a.png", "sub/c.png"]
    for of_image in comparison.scores.values():
        assert of_image["metric"] == pytest.approx(0.1, abs=1e-3)
