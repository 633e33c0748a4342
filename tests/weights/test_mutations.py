"""Whatever bytes a file of weights has, it is read or refused in one line."""

import random

import pytest
from support.models import small_estimator
from support.weight_files import WEIGHT_FILES, mutated, write_weight_files

from mdetools.errors import UserError
from mdetools.weights.loading import load_whole, read_weights

COUNT = 12  # files of each kind


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("valid")
    return folder, write_weight_files(folder), small_estimator()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", WEIGHT_FILES)
def test_mutated_files_are_read_or_refused(written, name):
    folder, sources, model = written
    load_whole(model, sources[name])
    file, draw, refused = folder / WEIGHT_FILES[name][1], random.Random(f"{name} 0"), 0
    whole = file.read_bytes()
    for _ in range(COUNT):
        file.write_bytes(mutated(whole, draw))
        try:
            read_weights(model, sources[name])
        except UserError as error:
            refused += 1
            assert str(error).isprintable() and len(str(error)) < 1500
    file.write_bytes(whole)
    assert refused >= COUNT // 4
