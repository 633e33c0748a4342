"""Pictures of every kind: one map for one picture, whatever it comes as; what is ambiguous is one line."""

import cv2
import h5py
import numpy as np
import pytest
import torch
from PIL import Image
from support.paths import REAL_DATA
from support.small_inferencer import small_config, write_small_weights
from support.user_errors import user_error

from mdetools.apis import DepthInferencer
from mdetools.apis.inference import entries_of
from mdetools.apis.inference.batching import WINDOW, group_by_size, in_order
from mdetools.contract import SampleIndex
from mdetools.datasets import ImageFolderDataset
from mdetools.datasets.collation import collate_samples
from mdetools.errors import UserError

SIZES = {"a": (60, 90), "b": (48, 64), "sub/c": (90, 60), "sub/d": (60, 90)}


@pytest.fixture(scope="module")
def cfg():
    return small_config()


@pytest.fixture(scope="module")
def checkpoint(cfg, tmp_path_factory):
    """Weights that are drawn so that maps vary."""
    return write_small_weights(cfg, tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def predict(cfg, checkpoint):
    return DepthInferencer(cfg, checkpoint, "cpu")


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """A folder of pictures with hard edges, at which cubic interpolation overshoots."""
    folder, rng = tmp_path_factory.mktemp("photos"), np.random.default_rng(0)
    for name, (height, width) in SIZES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        blocks = rng.choice(np.array([0, 255], np.uint8), (height // 6, width // 6, 3))
        picture = cv2.resize(blocks, (width, height), interpolation=cv2.INTER_NEAREST)
        cv2.imwrite(str(folder / f"{name}.png"), picture)
    return folder


def rgb(path):
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def test_one_picture_through_the_test_pipeline_and_the_inferencer_gives_one_map(cfg, predict, photos):
    """Bit for bit: reading, pipeline, collation, preprocessor and model as tools/test.py has them."""
    dataset = ImageFolderDataset(data_root=str(photos), pipeline=cfg.test_dataloader.dataset.pipeline.to_dict())
    results = predict(photos)
    assert [result.path for result in results] == [str(photos / f"{name}.png") for name in SIZES]
    for index, (result, size) in enumerate(zip(results, SIZES.values(), strict=True)):
        batch = collate_samples([dataset[SampleIndex(0, 0, index)]])
        with torch.inference_mode():
            data = predict.model.data_preprocessor(batch)
            (expected,) = predict.model(data["image"], data["targets"], mode="predict")
        assert result.map.dtype == np.float32 and result.map.shape == result.size == size
        assert (result.quantity, result.unit) == ("depth", "m")
        np.testing.assert_array_equal(result.map, expected["depth"][0].numpy())
        assert np.ptp(result.map) > 0.1


@pytest.mark.skipif(not REAL_DATA.is_dir(), reason=f"no real data in {REAL_DATA}")
def test_real_pictures_of_three_aspects_give_one_map(cfg, predict, tmp_path):
    """The test pipeline's map, and that of the published inference in float64, which differs by rounding alone."""
    (frame, *_) = sorted((REAL_DATA / "kitti_raw").rglob("*.png")) + sorted((REAL_DATA / "kitti_raw").rglob("*.jpg"))
    (scene, *_) = sorted((REAL_DATA / "nyu").rglob("*.h5"))
    stereo = REAL_DATA / "middlebury/Art/im0.png"
    with h5py.File(scene) as file:
        indoor = file["rgb"][:].transpose(1, 2, 0)
    for name, picture in (("a", rgb(frame)), ("b", indoor), ("c", rgb(stereo))):
        cv2.imwrite(str(tmp_path / f"{name}.png"), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    dataset = ImageFolderDataset(data_root=str(tmp_path), pipeline=cfg.test_dataloader.dataset.pipeline.to_dict())
    results = predict(tmp_path)
    assert len({round(result.size[1] / result.size[0], 2) for result in results}) == 3
    for index, result in enumerate(results):
        with torch.inference_mode():
            data = predict.model.data_preprocessor(collate_samples([dataset[SampleIndex(0, 0, index)]]))
            (expected,) = predict.model(data["image"], data["targets"], mode="predict")
            image = rgb(result.path).astype(np.float64) / 255
            size = tuple(data["image"].shape[-2:])
            resized = cv2.resize(image, size[::-1], interpolation=cv2.INTER_CUBIC)
            tensor = torch.from_numpy(resized.transpose(2, 0, 1)[None]).float()
            raw = predict.model(predict.model.data_preprocessor.normalize(tensor))["depth"]
        published = torch.nn.functional.interpolate(raw, result.size, mode="bilinear", align_corners=True)[0, 0].numpy()
        np.testing.assert_array_equal(result.map, expected["depth"][0].numpy())
        assert np.abs(result.map - published).max() < 1e-4 * np.ptp(published)


def test_nothing_is_clipped_or_rounded_on_the_way_to_the_network(predict, photos):
    picture = rgb(photos / "a.png")
    height, width = 56, 84
    resized = cv2.resize(picture.astype(np.float64) / 255, (width, height), interpolation=cv2.INTER_CUBIC)
    assert resized.min() < -0.02 and resized.max() > 1.02
    image = torch.from_numpy(resized.transpose(2, 0, 1)[None]).float()
    with torch.inference_mode():
        normalized = predict.model.data_preprocessor.normalize(image)
        raw = predict.model(normalized)["depth"]
    expected = torch.nn.functional.interpolate(raw, (60, 90), mode="bilinear", align_corners=True)
    np.testing.assert_allclose(predict(picture)[0].map, expected[0, 0].numpy(), atol=1e-4)


def test_whatever_a_picture_comes_as_its_map_is_the_same(predict, photos, tmp_path):
    path, picture = photos / "b.png", rgb(photos / "b.png")
    listed, tensor = tmp_path / "list.txt", torch.from_numpy(picture.copy()).permute(2, 0, 1)
    listed.write_text(f"{path}\n{path}\n")
    expected = predict(str(path))[0].map
    same = [
        path,
        picture,
        picture[None],
        Image.open(path),
        tensor,
        tensor[None],
        np.dstack([picture, np.zeros(picture.shape[:2], np.uint8)]),
        Image.fromarray(picture).convert("RGBA"),
        listed,
        f"{photos}/b*.png",
        iter([[path], (picture for _ in range(2))]),
    ]
    counts = [len(predict(one)) for one in (same[8], same[9])]
    assert counts == [2, 1]
    for result in predict(same):
        np.testing.assert_array_equal(result.map, expected)
    for values, value_range in (
        (picture / 255, (0, 1)),
        (tensor / 127.5 - 1, (-1, 1)),
        (picture * np.uint16(257), (0, 65535)),
    ):
        np.testing.assert_allclose(predict(values, value_range=value_range)[0].map, expected, atol=1e-4)
    grey = picture[..., 0]
    expected = predict(np.dstack([grey] * 3))[0].map
    for one in (grey, grey[..., None], torch.from_numpy(grey.copy())[None], Image.fromarray(grey)):
        np.testing.assert_array_equal(predict(one)[0].map, expected)


@pytest.mark.parametrize(
    ("values", "value_range", "said"),
    [
        (np.full((4, 6, 3), 0.5), None, "of type float64, with values from 0.5 to 0.5, and what is white is not known"),
        (torch.ones(3, 4, 6), None, "value_range=(0, 1)"),
        (np.full((4, 6, 3), 700, np.uint16), None, "of type uint16, with values from 700 to 700"),
        (np.full((4, 6, 3), 128.0), (0, 1), "has the value 128, expected 0..1, as value_range says"),
        (np.full((4, 6, 3), np.nan), (0, 1), "has the value nan"),
        (np.full((4, 6, 3), 0.5), (1, 0), "value_range is (1, 0), expected the values of black and white"),
        (np.full((4, 6, 3), 0.5), 1, "value_range is 1, expected"),
        (np.ones((4, 6, 3), bool), None, "is of type bool, expected uint8 or numbers"),
        (np.zeros((0, 6, 3), np.uint8), None, "has shape (0, 6, 3), expected (H, W, C) or (N, H, W, C)"),
        (np.zeros((3, 40, 60), np.uint8), None, "has shape (3, 40, 60), expected (H, W, C) or (N, H, W, C)"),
        (torch.zeros(40, 60, 3, dtype=torch.uint8), None, "has shape (40, 60, 3), expected (C, H, W) or (N, C, H, W)"),
        (np.zeros(7, np.uint8), None, "has shape (7,)"),
        (None, None, "an input is a NoneType, None, expected a path, folder"),
        (True, None, "an input is a bool"),
        ({"image": 1}, None, "an input is a dict"),
        (b"photo.png", None, "an input is a bytes"),
        ("no/such.png", None, "no/such.png: cannot be read"),
        ("no/*.png", None, "no no, expected a folder, a list, a pattern"),
        (93, None, "no camera 93 can be opened"),
    ],
)
def test_what_is_ambiguous_or_missing_is_one_line(predict, values, value_range, said):
    user_error(lambda: predict(values, value_range=value_range), said)


def test_photographs_are_turned_as_their_exif_says(predict, photos, tmp_path):
    picture, exif = rgb(photos / "a.png"), Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(picture).save(tmp_path / "turned.png", exif=exif)
    expected = predict(np.rot90(picture, 3))[0].map
    for one in (tmp_path / "turned.png", Image.open(tmp_path / "turned.png")):
        np.testing.assert_array_equal(predict(one)[0].map, expected)
    assert expected.shape == (90, 60)


def test_batches_of_one_size_give_what_single_pictures_give_in_order(cfg, checkpoint, predict, photos):
    files = [photos / f"{name}.png" for name in ("a", "b", "sub/d", "a", "sub/c", "b", "sub/d")]
    batched = DepthInferencer(cfg, checkpoint, "cpu", batch_size=3, workers=2)
    results = batched(files)
    assert [result.path for result in results] == [str(file) for file in files]
    for result, alone in zip(results, predict(files), strict=True):
        np.testing.assert_allclose(result.map, alone.map, atol=1e-4)


def test_a_picture_waits_for_others_of_its_size_but_not_for_ever():
    sizes = [1, *[0] * 20, 1]
    groups = [[number for number, _ in group] for group in group_by_size(sizes, int, 2)]
    assert sorted(sum(groups, [])) == list(range(22)) and max(map(len, groups)) == 2
    at = groups.index([0])  # it went alone once WINDOW batches had passed
    assert max(sum(groups[:at], [])) <= 2 * WINDOW
    assert list(in_order([pair for group in group_by_size(sizes, int, 2) for pair in group])) == sizes


def test_a_stream_is_lazy_and_reads_no_further_than_it_needs(cfg, checkpoint, photos):
    drawn = []

    def pictures():
        for number in range(100):
            drawn.append(number)
            yield photos / "b.png"

    stream = DepthInferencer(cfg, checkpoint, "cpu", batch_size=1, workers=2).stream(pictures())
    assert drawn == []
    next(stream)
    assert 1 <= len(drawn) <= 6
    stream.close()
    assert len(drawn) <= 6


def test_a_broken_picture_is_named_and_the_rest_is_done(predict, photos, tmp_path):
    (tmp_path / "x.png").write_bytes((photos / "a.png").read_bytes()[:60])
    files, told = [photos / "a.png", tmp_path / "x.png", photos / "b.png"], []
    results = list(predict.stream(files, skip=lambda path, error: told.append((path, str(error)))))
    assert [result.path for result in results] == [str(photos / "a.png"), str(photos / "b.png")]
    assert [path for path, _ in told] == [str(tmp_path / "x.png")] and "not a readable image" in told[0][1]
    with pytest.raises(UserError, match=r"x\.png: not a readable image"):
        predict(files)


def test_thin_pictures_are_one_line(cfg, checkpoint, predict):
    user_error(
        lambda: predict(np.zeros((2, 9000, 3), np.uint8)), "an image of 2x9000 becomes", "8388608 pixels at most"
    )


def test_options_change_what_they_say(cfg, checkpoint, predict, photos):
    picture = rgb(photos / "a.png")
    plain = predict(picture)[0].map
    flipped = predict(picture[:, ::-1])[0].map[:, ::-1]
    both = DepthInferencer(cfg, checkpoint, "cpu", flip="mean")(picture)[0].map
    np.testing.assert_allclose(both, (plain + flipped) / 2, atol=1e-4)
    larger = small_config(84)
    expected = DepthInferencer(larger, checkpoint, "cpu")(picture)[0].map
    np.testing.assert_array_equal(DepthInferencer(cfg, checkpoint, "cpu", input_size=84)(picture)[0].map, expected)
    half = DepthInferencer(cfg, checkpoint, "cpu", precision="bf16")(picture)[0].map
    assert 0 < np.abs(half - plain).max() < 0.2 and half.dtype == np.float32
    user_error(lambda: DepthInferencer(cfg, checkpoint, "cpu", precision="int8"), "precision is 'int8'")
    user_error(lambda: DepthInferencer(cfg, checkpoint, "cpu", input_size=-1), "the input size is -1")
    user_error(lambda: predict(picture, focal_length=0.0), "focal_length is 0, expected a number above 0")


def test_entries_read_nothing_before_it_is_due(photos, tmp_path):
    entries = list(entries_of([str(photos / "a.png"), str(tmp_path / "missing.png")]))
    assert [entry.path for entry in entries] == [str(photos / "a.png"), str(tmp_path / "missing.png")]
    np.testing.assert_array_equal(entries[0].read(), rgb(photos / "a.png"))
    user_error(entries[1].read, "missing.png: cannot be read")
