import pytest

from mdetools.progress import track


@pytest.mark.parametrize("total", [1, 9, 10, 11, 25, 29, 1000])
def test_progress_is_at_most_ten_plain_lines_in_a_file_and_the_last_is_the_end(total, capsys):
    assert list(track(range(total), total, "train")) == list(range(total))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == min(total, 10)
    assert lines[-1] == f"train: {total}/{total}, 0 s left"


def test_the_lines_come_at_each_tenth(capsys):
    list(track(range(25), 25, "train"))
    counts = [line.split()[1] for line in capsys.readouterr().err.splitlines()]
    assert counts == [f"{done}/25," for done in (3, 5, 8, 10, 13, 15, 18, 20, 23, 25)]


def test_no_items_are_no_line(capsys):
    assert list(track([], 0, "train")) == []
    assert capsys.readouterr().err == ""
