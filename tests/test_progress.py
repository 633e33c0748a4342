from mdetools.progress import track


def test_progress_is_plain_lines_in_a_file(capsys):
    assert list(track(range(25), 25, "train")) == list(range(25))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 12  # every second frame
    assert lines[-1].startswith("train: 24/25, ")
