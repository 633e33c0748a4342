import numpy as np
import torch

from mdetools.datasets.transforms import DepthRange, PackSample


def test_pack():
    rng = np.random.default_rng(0)
    wide = rng.integers(0, 256, (20, 40, 3), dtype=np.uint8)
    depth = rng.uniform(0, 5, (20, 40)).astype(np.float32)
    window = np.s_[3:15, 7:27]  # a view, as a crop leaves it
    sample = dict(
        image=wide[window],
        image_right=wide[::-1][window],
        depth=depth[window],
        valid_mask=(depth > 1)[window],
        intrinsics=np.arange(9, dtype=np.float64).reshape(3, 3),
        baseline=0.54,
        meta=dict(id="a"),
    )
    packed = PackSample()(sample, None)
    np.testing.assert_array_equal(packed["image"].numpy(), wide[window].transpose(2, 0, 1))
    np.testing.assert_array_equal(packed["image_right"].numpy(), wide[::-1][window].transpose(2, 0, 1))
    np.testing.assert_array_equal(packed["depth"].numpy(), depth[window][None])
    np.testing.assert_array_equal(packed["valid_mask"].numpy(), (depth > 1)[window][None])
    types = {key: value.dtype for key, value in packed.items() if key != "meta"}
    floats = dict.fromkeys(["depth", "intrinsics", "baseline"], torch.float32)
    assert types == floats | dict(image=torch.uint8, image_right=torch.uint8, valid_mask=torch.bool)
    assert all(packed[key].is_contiguous() for key in types)
    assert packed["intrinsics"].flatten().tolist() == list(range(9))
    assert packed["baseline"].shape == ()
    assert packed["meta"] == dict(id="a")


def test_depth_range_is_inclusive_and_only_narrows():
    depth = np.float32([[0, 1e-3, 0.5, 10, 10.001, 3]])
    valid = np.array([[False, True, True, True, True, False]])
    out = DepthRange(1e-3, 10)(dict(depth=depth, valid_mask=valid), None)
    assert out["valid_mask"].tolist() == [[False, True, True, True, False, False]]
    assert valid.sum() == 4  # the input is left alone
    np.testing.assert_array_equal(out["depth"], np.float32([[0, 1e-3, 0.5, 10, 0, 0]]))
