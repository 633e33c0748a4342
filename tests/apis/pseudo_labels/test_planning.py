"""Who labels what, and where the label goes."""

from pathlib import Path

import pytest
from support.user_errors import user_error

from mdetools.apis.pseudo_labels.planning import check_apart, label_paths, missing_batches, share_of


@pytest.mark.parametrize("count, batch_size, world_size", [(7, 2, 1), (7, 2, 3), (12, 4, 2), (1, 4, 2), (5, 1, 4)])
def test_processes_share_all_images_and_none_twice(count, batch_size, world_size):
    shares = [share_of(count, batch_size, rank, world_size) for rank in range(world_size)]
    assert sorted(position for share in shares for batch in share for position in batch) == list(range(count))
    alone = share_of(count, batch_size, 0, 1)
    assert sorted((batch for share in shares for batch in share), key=min) == alone, "batches are those of one process"
    assert shares[0] == alone[::world_size]


def test_a_label_has_the_path_and_stem_of_its_image():
    paths = label_paths(["a/b.c/1.x.jpg", "2.png"], Path("out"), ".npz")
    assert [path.as_posix() for path in paths] == ["out/a/b.c/1.x.npz", "out/2.npz"]


@pytest.mark.parametrize(
    "names, told",
    [
        (["a/1.jpg", "a/1.png"], ["a/1.jpg and a/1.png differ in their ending alone", "rename one"]),
        (["../1.jpg"], ["../1.jpg: lies outside"]),
        (["/1.jpg"], ["/1.jpg: lies outside"]),
    ],
)
def test_images_without_a_label_file_of_their_own(names, told):
    user_error(lambda: label_paths(names, Path("out"), ".png"), *told)


def test_what_is_left_to_do():
    paths = [Path(name) for name in "abcde"]
    batches, missing = missing_batches([range(2), range(2, 4), range(4, 5)], paths, lambda path: path.name in "abd")
    assert batches == [range(2, 4), range(4, 5)] and missing == {2, 4}


def test_labels_do_not_lie_among_the_images(tmp_path):
    for inside in (tmp_path, tmp_path / "labels", tmp_path / "a" / ".." / "b"):
        paths = [inside / "x" / "1.png"]
        user_error(
            lambda inside=inside, paths=paths: check_apart(paths, inside, tmp_path, ["**"]),
            "lies in the folder of the images",
        )
    check_apart([tmp_path / "labels" / "1.png"], tmp_path / "labels", tmp_path / "images", ["**"])


def test_labels_may_lie_below_the_images_where_the_pattern_does_not_look(tmp_path):
    """data/*/rgb/*.jpg with labels in data/labels: no run takes them for images."""
    out = tmp_path / "labels"
    check_apart([out / "room" / "rgb" / "1.png"], out, tmp_path, ["*", "rgb", "*.jpg"])
    fitting = [out / "rgb" / "1.png"]
    user_error(lambda: check_apart(fitting, out, tmp_path, ["*", "rgb", "*.png"]), "lies in the folder of the images")
