"""A checkpoint whose structure is off is refused in one line, before anything of it is used."""

import logging

import pytest
import torch
from support.depth_anything_peer import published_state
from support.models import small_estimator
from support.user_errors import user_error
from support.weight_files import tiny_peer

from mdetools.weights.loading import load_pretrained, load_whole, read_weights

KEY = "backbone.vit.norm.bias"  # of 32 numbers
NAN, INF = float("nan"), float("inf")


@pytest.fixture(scope="module")
def state():
    return small_estimator().state_dict()


@pytest.fixture
def write(tmp_path):
    def write(checkpoint):
        torch.save(checkpoint, tmp_path / "w.pth")
        return tmp_path / "w.pth"

    return write


def ours(state, **meta):
    return {"meta": {"mdetools_version": "1.0", **meta}, "state_dict": state}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([0.0] * 32, f"{KEY} is a list, expected a plain tensor"),
        (None, f"{KEY} is a NoneType, expected"),
        ({"weight": torch.zeros(32)}, f"{KEY} is a dict"),
        (lambda: torch.zeros(32).to_sparse(), f"{KEY} is a sparse or nested tensor"),
        (lambda: torch.zeros(32, 1).to_sparse_csr(), f"{KEY} is a sparse or nested tensor"),
        (torch.zeros(32, dtype=torch.complex64), f"{KEY} is complex (torch.complex64)"),
        (lambda: torch.quantize_per_tensor(torch.zeros(32), 0.1, 0, torch.qint8), f"{KEY} is quantised (torch.qint8)"),
        (torch.zeros(32, device="meta"), f"{KEY} has a shape and no values (device meta)"),
        (torch.zeros(32, dtype=torch.int8), f"{KEY} is torch.int8, expected a floating type, as torch.float32 in the"),
        (torch.zeros(32, dtype=torch.bool), f"{KEY} is torch.bool, expected a floating type"),
        (torch.zeros(0), f"{KEY} is (0,) there and (32,) in the model"),
        (torch.zeros(()), f"{KEY} is () there and (32,) in the model"),
        (torch.zeros(16), f"{KEY} is (16,) there and (32,) in the model"),
    ],
)
@pytest.mark.filterwarnings("ignore:Sparse CSR")
@pytest.mark.filterwarnings("ignore:.*quantize.*")
def test_values_that_are_no_weights(state, write, value, told):
    value = value() if callable(value) else value
    for checkpoint in (ours(state | {KEY: value}), {"model": state | {KEY: value}}):
        file = write(checkpoint)
        user_error(lambda file=file: load_whole(small_estimator(), file, as_is=True), f"'{file}'", told)


@pytest.mark.parametrize("name", [3, None, ("a", "b"), "a\nb", "a\x1b[31mb", "x" * 501])
def test_names_that_are_none(state, write, name):
    file = write(ours(state | {name: torch.zeros(1)}))
    line = user_error(lambda: load_whole(small_estimator(), file), "has a weight named", "expected a dotted name")
    assert "\x1b" not in line


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floating_types_are_taken(state, write, dtype):
    model = small_estimator()
    load_whole(model, write({key: value.to(dtype) for key, value in state.items()}))
    for key, value in model.state_dict().items():
        assert torch.equal(value, state[key].to(dtype).float()), key


@pytest.mark.parametrize(
    ("checkpoint", "told"),
    [
        (lambda state: {"meta": "1.0", "state_dict": state}, "meta is a str, expected a dict"),
        (lambda state: {"meta": [1], "state_dict": state}, "meta is a list, expected a dict"),
        (lambda state: {"meta": None, "state_dict": state}, "meta is a NoneType, expected a dict"),
        (lambda state: ours(state, cfg={"model": {}}), "meta.cfg is a dict, expected a config's text"),
        (lambda state: ours(state, cfg=None), "meta.cfg is a NoneType, expected a config's text"),
        (lambda state: ours(state, cfg="model = dict("), "cannot be read"),
        (lambda state: ours(state, cfg="(" * 100_000), "the config that"),
        (lambda state: ours([1, 2]), "is of no known format (first keys: [])"),
        (lambda state: ours({}), "is of no known format"),
        (lambda state: {3: state}, "is of no known format"),
        (lambda state: {}, "is of no known format"),
    ],
)
def test_the_frame_of_a_checkpoint(state, write, checkpoint, told):
    file = write(checkpoint(state))
    user_error(lambda: load_whole(small_estimator(), file), str(file), told)


@pytest.mark.parametrize(
    "config", ["", "model = 3", "model = dict(backbone=1, head=[2], data_preprocessor=None)", "x = 1"]
)
def test_configs_of_another_shape_say_nothing(state, write, config):
    load_whole(small_estimator(), write(ours(state, cfg=config)))


QUERY = "backbone.encoder.layer.2.attention.attention.query.weight"


@pytest.mark.parametrize("gone", ["query", "key", "value"])
def test_a_projection_that_is_missing_or_of_another_shape(write, gone):
    whole = published_state(tiny_peer())
    key = QUERY.replace("query", gone)
    told = "for backbone.vit.blocks.2.attn.qkv.weight, expected query, key and value of one shape"
    for state in (
        {name: value for name, value in whole.items() if name != key},
        whole | {key: torch.zeros(16, 32)},
        whole | {key: torch.zeros(())},
    ):
        file = write(state)
        user_error(lambda file=file: load_whole(small_estimator(), file), told)


@pytest.mark.parametrize("value", [NAN, INF, -INF])
def test_weights_that_are_not_finite_are_refused_by_name_and_count(state, write, value, caplog):
    bad = state[KEY].clone()
    bad[[0, 5, 7]] = value
    file = write(ours(state | {KEY: bad}))
    told = f"1 of its {len(state)} weights have numbers that are not finite: {KEY} (3 of 32)"
    user_error(lambda: load_whole(small_estimator(), file), told, "take an earlier checkpoint", "--weights-as-is")
    model = small_estimator()
    load_whole(model, file, as_is=True)
    assert torch.equal(model.state_dict()[KEY].isfinite(), bad.isfinite())
    (line,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert told in line


def test_what_is_not_loaded_need_not_be_finite(state, write):
    file = write(ours(state | {"head.output_conv3.bias": torch.tensor([NAN])}))
    load_pretrained(small_estimator(), file, encoder_only=True, logger=logging.getLogger("x"))
    user_error(
        lambda: load_pretrained(small_estimator(), file, False, logging.getLogger("x")), "output_conv3.bias (1 of 1)"
    )


def test_a_mask_of_infinities_that_the_model_has_itself_is_no_fault(state, write):
    model, mask = small_estimator(), torch.tensor([0.0, -INF])
    model.register_buffer("mask", mask)
    assert torch.equal(read_weights(model, write(state | {"mask": mask}))["state_dict"]["mask"], mask)
