"""Lists of frames as people write them."""

import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.user_errors import user_error

from mdetools.datasets import NYUListDataset, RGBDDataset, StereoPairDataset
from mdetools.datasets.rgbd.frame_list import find_list, frames_with, read_frame_list

NUMBERS = ("fx", "fy", "cx", "cy")
CAMERA = dict(fx=50.5, fy=51.0, cx=3.5, cy=2.5)


@pytest.fixture
def root(tmp_path):
    """Two frames, one of them in a folder with a space in its name."""
    for folder in ("room", "my room"):
        (tmp_path / folder).mkdir()
        for name in ("rgb 1.png", "rgb_1.png"):
            cv2.imwrite(str(tmp_path / folder / name), np.full((6, 8, 3), 90, np.uint8))
        cv2.imwrite(str(tmp_path / folder / "depth_1.png"), np.full((6, 8), 1500, np.uint16))
    return tmp_path


def read(root, text, name="train.txt", encoding="utf-8", **more):
    (root / name).write_text(text, encoding=encoding)
    return read_frame_list(root / name, root, numbers=NUMBERS, **more)


PLAIN = ("room/rgb_1.png", "room/depth_1.png")
SPACED = ("my room/rgb 1.png", "my room/depth_1.png")
LINES = {
    "spaces": ("train.txt", "room/rgb_1.png   room/depth_1.png", PLAIN, {}),
    "leading slash": ("train.txt", "/room/rgb_1.png /room/depth_1.png 518.8579", PLAIN, {}),
    "a camera": ("train.txt", "room/rgb_1.png room/depth_1.png 50.5 51 3.5 2.5", PLAIN, CAMERA),
    "a camera in powers of ten": ("train.txt", "room/rgb_1.png room/depth_1.png 5.05e1 +51. 3.5 .25e1", PLAIN, CAMERA),
    "words that are no camera": ("train.txt", "room/rgb_1.png room/depth_1.png kitchen left day train 7", PLAIN, {}),
    "from Windows": ("train.csv", "my room\\rgb 1.png,my room\\depth_1.png", SPACED, {}),
    "tabs and spaces in names": ("train.txt", "my room/rgb 1.png\tmy room/depth_1.png", SPACED, {}),
    "tabs and a camera": ("train.txt", "my room/rgb 1.png\tmy room/depth_1.png\t50.5\t51\t3.5\t2.5", SPACED, CAMERA),
    "tabs and spaces mixed": ("train.txt", "room/rgb_1.png\t room/depth_1.png 50.5 51 3.5 2.5", PLAIN, CAMERA),
    "double quotes": ("train.txt", '"my room/rgb 1.png" "my room/depth_1.png" 50.5 51 3.5 2.5', SPACED, CAMERA),
    "single quotes": ("train.txt", "'my room/rgb 1.png' 'my room/depth_1.png'", SPACED, {}),
    "commas in a .txt": ("train.txt", "my room/rgb 1.png, my room/depth_1.png", SPACED, {}),
    "a comment after it": ("train.txt", "room/rgb_1.png room/depth_1.png # blurred a b c d", PLAIN, {}),
    "csv": ("train.csv", "my room/rgb 1.png,my room/depth_1.png,50.5,51,3.5,2.5", SPACED, CAMERA),
    "csv with quotes": ("train.csv", '"my room/rgb 1.png","my room/depth_1.png"', SPACED, {}),
    "csv with semicolons": ("train.csv", "my room/rgb 1.png;my room/depth_1.png;50.5;51;3.5;2.5", SPACED, CAMERA),
    "csv with tabs": ("train.csv", "my room/rgb 1.png\tmy room/depth_1.png", SPACED, {}),
    "csv in capitals": ("TRAIN.CSV", "room/rgb_1.png,room/depth_1.png", PLAIN, {}),
    "a header": ("train.csv", "image,depth\nroom/rgb_1.png,room/depth_1.png", PLAIN, {}),
    "a header in another order": (
        "train.csv",
        "cx,cy,fx,fy,scene,Depth_Path,RGB\n3.5,2.5,50.5,51,7,room/depth_1.png,room/rgb_1.png",
        PLAIN,
        CAMERA,
    ),
    "a header without a camera's numbers": ("train.csv", "image,depth,fx\nroom/rgb_1.png,room/depth_1.png,", PLAIN, {}),
    "a header in a comment": ("train.txt", "# image depth\n\nroom/rgb_1.png room/depth_1.png", PLAIN, {}),
    "columns of a header by other names": (
        "train.csv",
        "name,Image File Path,depth_map,fy,fx,cy,cx\n7,room/rgb_1.png,room/depth_1.png,51,50.5,2.5,3.5",
        PLAIN,
        CAMERA,
    ),
    "a header, and a line without a camera": (
        "train.csv", "image,depth,fx,fy,cx,cy\nroom/rgb_1.png,room/depth_1.png,,,,", PLAIN, {}
    ),
    "a header for a trajectory": (
        "train.txt",
        "rgb depth tx ty tz qx qy qz qw\nroom/rgb_1.png room/depth_1.png 1.2 0.5 1 0 0 0 1",
        PLAIN,
        {},
    ),
    "a focal length": ("train.txt", "room/rgb_1.png room/depth_1.png 518.8579", PLAIN, {}),
    "a focal length and an empty cell": ("train.csv", "room/rgb_1.png,room/depth_1.png,518.8579,", PLAIN, {}),
    "empty cells": ("train.csv", "room/rgb_1.png,room/depth_1.png,,,,", PLAIN, {}),
    "a camera and words": ("train.txt", "room/rgb_1.png room/depth_1.png 50.5 51 3.5 2.5 kitchen", PLAIN, CAMERA),
    "Windows": ("train.txt", "room/rgb_1.png room/depth_1.png\r\n\r\n", PLAIN, {}),
}  # fmt: skip


@pytest.mark.parametrize("case", LINES)
def test_what_people_write_is_read(root, case):
    name, text, (image, depth), numbers = LINES[case]
    (frame,) = read(root, text, name)
    assert frame.files == (root / image, root / depth) and frame.numbers == numbers
    assert frame.id == image.removesuffix(".png")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_is_no_part_of_a_name(root, encoding):
    assert read(root, "room/rgb_1.png room/depth_1.png", encoding=encoding)[0].files[0] == root / PLAIN[0]
    assert read(root, "image,depth\nroom/rgb_1.png,room/depth_1.png", "a.csv", encoding)[0].files[1] == root / PLAIN[1]


def test_absolute_paths_are_taken_as_they_are(root, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "deep.png").write_bytes((root / PLAIN[1]).read_bytes())
    (frame,) = read(root, f"{root / PLAIN[0]} {elsewhere / 'deep.png'}")
    assert frame.files == (root / PLAIN[0], elsewhere / "deep.png")
    assert frame.id == "room/rgb_1"


def test_a_list_elsewhere_names_files_below_the_root_or_beside_itself(root, tmp_path_factory):
    lists = tmp_path_factory.mktemp("lists")
    (lists / "own.png").write_bytes((root / PLAIN[0]).read_bytes())
    (lists / "val.txt").write_text("own.png room/depth_1.png\n")
    dataset = RGBDDataset(str(root), str(lists / "val.txt"))
    assert dataset.frames[0].image == str(lists / "own.png")
    assert dataset.load(0)["depth"][0, 0] == np.float32(1.5)


@pytest.mark.parametrize("name", ["mine.txt", "mine.csv", "lists/mine.txt"])
def test_one_order_of_places_for_all_lists(tmp_path, monkeypatch, name):
    """First the data set's folder, then the path as it is given; a name without ending is never one from here."""
    here, root = tmp_path / "here", tmp_path / "here/data"
    for folder in (here / "lists", root / "lists", root):
        folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(here)
    Path(name).write_text("")
    for split in (name, Path(name), str(here / name)):
        assert find_list(split, root).resolve() == here / name
    assert find_list(name[:-4], root) is None
    (root / name).write_text("")
    for split in (name, Path(name), name[:-4], Path(name[:-4]), str(root / name)):
        assert find_list(split, root) == root / name


@pytest.mark.parametrize("split", ["none.txt", "none.csv", "none"])
@pytest.mark.parametrize("kind", [NYUListDataset, RGBDDataset, StereoPairDataset])
def test_a_list_that_is_not_there_has_one_ending(tmp_path, kind, split):
    ending = "" if "." in split else ".txt"
    for given in (split, Path(split)):
        assert f"list {tmp_path / split}{ending}" in (text := user_error(lambda given=given: kind(tmp_path, given)))
        assert ".txt.txt" not in text and ".csv." not in text


@pytest.mark.parametrize("as_path", [True, False])
def test_the_path_of_a_list_is_a_split(root, as_path):
    (root / "mine.txt").write_text("room/rgb_1.png room/depth_1.png\n")
    for kind in (RGBDDataset, NYUListDataset):
        for path in (root / "mine.txt", Path("mine.txt"), Path("mine")):
            assert len(kind(str(root), path if as_path else str(path))) == 1


@pytest.mark.parametrize("nothing", ["None", "none", "null", "NaN", "-"])
def test_frames_without_depth_are_counted_and_left_out(root, nothing):
    text = f"room/rgb_1.png {nothing} 721\n" * 3 + "room/rgb_1.png room/depth_1.png 721\n"
    frames = read(root, text)
    assert [frame.files[1] is None for frame in frames] == [True] * 3 + [False]
    for kind, length in ((RGBDDataset, 1), (NYUListDataset, 1)):
        with pytest.warns(UserWarning, match=r"train.txt: 3 of 4 lines name no depth; they are left out"):
            assert len(kind(str(root), "train")) == length


def test_an_empty_column_of_a_csv_is_no_file(root):
    frames = read(root, "image,depth\nroom/rgb_1.png,\nroom/rgb_1.png,room/depth_1.png\n", "train.csv")
    with pytest.warns(UserWarning, match="1 of 2 lines name no depth"):
        assert frames_with(frames, 1, "depth", root / "train.csv") == frames[1:]


def test_a_list_of_frames_that_all_lack_depth_is_refused(root):
    (root / "train.txt").write_text("room/rgb_1.png None\n" * 2)
    user_error(lambda: RGBDDataset(str(root)), "train.txt: none of its 2 lines names a depth")


def test_a_whole_list_warns_of_nothing(root):
    (root / "train.txt").write_text("room/rgb_1.png room/depth_1.png 50 51 3.5 2.5\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sample = RGBDDataset(str(root)).load(0)
    np.testing.assert_array_equal(sample["intrinsics"], [[50, 0, 3.5], [0, 51, 2.5], [0, 0, 1]])


def test_files_that_are_not_there_are_named_and_counted(root):
    good = "room/rgb_1.png room/depth_1.png\n"
    user_error(
        lambda: read(root, good + "room/rgb_2.png room/depth_2.png\n" + good + "room/rgb_1.png room/depth_3.png\n"),
        f"train.txt:2: names room/rgb_2.png, which is not in {root} (2 of 4 lines name files that are not there)",
        "fix the line or set --data-root",
    )


@pytest.mark.parametrize(
    "header",
    [
        *("image,depth_map", "filename,depth", "rgb,gt", "Image Path,Depth Path", "img_path,ground_truth", "left,disp"),
        *('"Image Name","Depth Map"', "color_image_file,depth_image_file", "File Name,GT", "RGB;Ground Truth"),
    ],
)
def test_obvious_names_of_columns(root, header):
    separator = ";" if ";" in header else ","
    frames = read(root, f"id{separator}{header}\n3{separator}" + separator.join(PLAIN), "train.csv")
    assert [frame.files for frame in frames] == [(root / PLAIN[0], root / PLAIN[1])]


def test_a_column_s_own_name_comes_before_others(root):
    text = "rgb,name,depth,gt,image\nno.png,no.png,{1},no.png,{0}\n".format(*PLAIN)
    assert read(root, text, "train.csv")[0].files == (root / PLAIN[0], root / PLAIN[1])


@pytest.mark.parametrize("header", ["input,target", "Bild;Tiefe", "x y", "frame\tz 16 bit", "photo, sensor (mm)"])
def test_a_header_of_unknown_names(root, header):
    text = f"\n# mine\n{header}\nroom/rgb_1.png,room/depth_1.png\n"
    user_error(lambda: read(root, text), "train.txt:3: ", "looks like a header; expected columns image, depth")


@pytest.mark.parametrize("line", ["room/rgb room/depth", "rgb.png depth.png", "1 2", "room\\rgb room\\depth"])
def test_files_that_are_not_there_are_no_header(root, line):
    assert "header" not in user_error(lambda: read(root, f"{line}\n"), "train.txt:1: ")


@pytest.mark.parametrize(
    "name",
    [r"room\rgb_1.png", r"\room\rgb_1.png", r".\room\rgb_1.png", r"room/..\room\rgb_1.png", r"{root}\room\rgb_1.png"],
)
@pytest.mark.parametrize("folder", [".", "room", "lists/a"])
def test_names_from_windows_lie_where_others_do(root, name, folder):
    (root / folder).mkdir(parents=True, exist_ok=True)
    (root / folder / "beside").mkdir()
    (root / folder / "beside/d.png").write_bytes((root / PLAIN[1]).read_bytes())
    text = f"image,depth\n{name.format(root=root)},beside\\d.png\n"
    (frame,) = read(root, text, f"{folder}/mine.csv")
    assert [file.resolve() for file in frame.files] == [root / PLAIN[0], root / folder / "beside/d.png"]


@pytest.mark.parametrize("name", ["fx", "cx,fy"])
def test_a_part_of_a_camera_is_none(root, name):
    cells = name.replace("fx", "500").replace("cx,fy", "3,4")
    (root / "train.csv").write_text(f"image,depth,{name}\nroom/rgb_1.png,room/depth_1.png,{cells}\n")
    user_error(lambda: RGBDDataset(str(root)), "train.csv:2: a camera of", "alone, expected fx, fy, cx, cy or none")


TRAJECTORY = "room/rgb_1.png room/depth_1.png 1.2 0.5 1 0 0 0 1\n"
BAD = {
    "a trajectory": (
        TRAJECTORY,
        "train.txt:1: 7 columns after the files, expected fx fy cx cy or none; name the columns in a header",
    ),
    "a trajectory with times": (f"1.5 {TRAJECTORY.replace(' room', ' 1.51 room')}", "train.txt:1: 7 columns after"),
    "a camera and more": ("room/rgb_1.png room/depth_1.png 50 51 3.5 2.5 5000\n", "train.txt:1: 5 columns after"),
    "an empty cell of a header": (
        "image,depth,fx,fy,cx,cy\nroom/rgb_1.png,room/depth_1.png,50,51,3.5,\n",
        "train.txt:2: cy is '', expected a number",
    ),
    "a missing cell": ("room/rgb_1.png,room/depth_1.png,,51,3.5,2.5\n", "train.txt:1: fx is '', expected a number"),
    "decimal commas": (
        "room/rgb_1.png;room/depth_1.png;518,9;519,1;325,6;253,7\n",
        "train.txt:1: fx is '518,9', expected a number",
    ),
    "decimal commas below a header": (
        "image;depth;fx;fy;cx;cy\nroom/rgb_1.png;room/depth_1.png;518,9;519,1;325,6;253,7\n",
        "train.txt:2: fx is '518,9', expected a number",
    ),
    "four words": ("room/rgb_1.png room/depth_1.png a b c d\n", "train.txt:1: fx is 'a', expected a number"),
    "a line beyond reason": ("x" * 200_000 + ",room/depth_1.png\n", "train.txt:1: found 'xxx"),
    "an empty image": (",room/depth_1.png\n", "train.txt:1: found ',room/depth_1.png', expected `<image> <depth>`"),
    "one word": ("room/rgb_1.png\n", "train.txt:1: found 'room/rgb_1.png', expected `<image> <depth>`"),
    "nothing": ("\n# a comment\n", "train.txt: the list is empty, expected lines `<image> <depth>`"),
    "words for a camera": (
        "room/rgb_1.png room/depth_1.png 50 51 3.5 inf\n",
        "train.txt:1: cy is 'inf', expected a number",
    ),
    "None for the image": ("None room/depth_1.png\n", "train.txt:1: names None, which is not in"),
}


@pytest.mark.parametrize("case", BAD)
def test_lines_that_cannot_be_read(root, case):
    text, expected = BAD[case]
    user_error(lambda: read(root, text), expected)


@pytest.mark.parametrize("numbers", ["0 51 3 2", "-50 51 3 2", "50 51 3 1e9"])
def test_a_camera_that_cannot_be_names_its_line(root, numbers):
    (root / "train.txt").write_text("# by hand\n" + f"room/rgb_1.png room/depth_1.png {numbers}\n")
    user_error(lambda: RGBDDataset(str(root)).load(0), "train.txt:2: intrinsics are", "expected a 3x3 camera matrix")


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16"])
def test_another_encoding_is_one_line(root, encoding):
    user_error(lambda: read(root, "fl\xfcr/rgb_1.png room/depth_1.png", encoding=encoding), "train.txt", "UTF-8")


def test_a_header_alone_is_an_empty_list(root):
    user_error(lambda: read(root, "image,depth\n", "train.csv"), "train.csv: the list is empty")


def test_columns_that_may_be_left_out(root):
    columns = dict(files=("left", "right", "depth"), optional=("depth",))
    (root / "pairs.txt").write_text(
        "room/rgb_1.png my\\ room/x 1 2\n".replace("my\\ room/x", "'my room/rgb_1.png'")
        + "room/rgb_1.png 'my room/rgb_1.png' room/depth_1.png 3 4\n"
        + "room/rgb_1.png 'my room/rgb_1.png'\n"
    )
    frames = read_frame_list(root / "pairs.txt", root, numbers=("fx", "baseline"), **columns)
    assert [frame.files[2] for frame in frames] == [None, root / PLAIN[1], None]
    assert [frame.numbers for frame in frames] == [dict(fx=1, baseline=2), dict(fx=3, baseline=4), {}]


@pytest.mark.parametrize("digits", ["1" * 2_000_000, "1." + "1" * 2_000_000, "-" + "1" * 2_000_000 + "."])
def test_a_word_of_millions_of_digits_is_one_line(root, digits):
    """A pattern that tries every place of the point would take hours."""
    user_error(lambda: read(root, f"{digits}x {digits}y 1 2"), "train.txt", "1111")
