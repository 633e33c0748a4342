"""Panels go into one sheet, or each into a file; nothing is replaced unless that is asked for."""

import cv2
import numpy as np
from support.user_errors import user_error

from mdetools.apis.pictures import check_output, write_panels
from mdetools.visualization import with_footer

PANELS = [("a/1", np.full((4, 90, 3), 7, np.uint8)), ("a/1", np.full((6, 200, 3), 9, np.uint8))]


def rgb(path):
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def test_a_sheet_holds_all_panels_and_one_footer(tmp_path):
    out = str(tmp_path / "deep/sheet.PNG")
    check_output(out)
    assert write_panels(out, iter(PANELS), lambda: "what it is") == [f"{out}: 2 rows"]
    sheet = rgb(out)
    assert (sheet[:4, :90] == 7).all() and (sheet[:4, 90:] == 255).all() and (sheet[4:10] == 9).all()
    np.testing.assert_array_equal(sheet, with_footer(sheet[:10], "what it is"))
    user_error(lambda: check_output(out), "sheet.PNG' is there already", "add --overwrite")
    check_output(out, overwrite=True)
    assert write_panels(out, PANELS[:1], overwrite=True) == [f"{out}: 1 row"]
    np.testing.assert_array_equal(rgb(out), PANELS[0][1])


def test_a_folder_holds_one_file_for_each_whatever_their_names(tmp_path):
    out = str(tmp_path / "seen")
    check_output(out)
    lines = write_panels(out, iter(PANELS), lambda: "x")
    assert lines == [f"{out}/000_a_1.png", f"{out}/001_a_1.png"]
    for line, (_, panel) in zip(lines, PANELS, strict=True):
        np.testing.assert_array_equal(rgb(line), with_footer(panel, "x"))
    check_output(out)
    user_error(lambda: write_panels(out, iter(PANELS)), "000_a_1.png' is there already")
    assert write_panels(out, iter(PANELS), overwrite=True) == lines
    (tmp_path / "file").write_text("")
    user_error(lambda: check_output(str(tmp_path / "file")), "is not a folder")
    user_error(lambda: check_output(str(tmp_path / "file/a.png")), "is not a folder")
