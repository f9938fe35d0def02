"""300 damaged files a reader; 10,000 in `python -m tests.long.fuzz`."""

import pytest

from tests.fuzzing import NEEDS, READERS, fuzz

COUNT = 300


@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_errors_in_words(name, tmp_path):
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    report = fuzz(name, tmp_path, COUNT)
    assert not report.raw, report
    assert not report.slow, report
    assert report.refused
