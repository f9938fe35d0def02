import pytest

from keras_gan_translate.data.directions import belong_together, in_order
from keras_gan_translate.data.kinds import find_kind


@pytest.mark.parametrize(
    "names",
    [
        "before after",
        "input target",
        "lq gt",
        "LR HR",
        "low high",
        "DIV2K_train_LR_bicubic DIV2K_train_HR",
        "original_image edited_image",
        "conditioning_image image-target",
        "noisy clean",
        "hazy clear",
    ],
)
def test_sources_come_first(names):
    names = names.split()
    assert in_order(names) == in_order(names[::-1]) == tuple(names)


@pytest.mark.parametrize(
    "names", ["cat dog", "A B", "before input", "image mask", "lq_gt gt_lq"]
)
def test_names_that_do_not_tell(names):
    assert in_order(names.split()) is None


def test_what_kinds_know_beyond():
    for kind, order in (
        ("paired", ("edges", "photo")),
        ("cartoon", ("photo", "anime")),
        ("cartoon", ("before", "after")),
    ):
        words = find_kind(kind).words
        assert in_order(order, words) == in_order(order[::-1], words) == order
    assert in_order(("anime", "photo"), find_kind("unpaired").words) is None


def test_parts_of_one():
    for names in ("B a", "before after", "label img", "photo depth"):
        assert belong_together(names.split())
    for names in ("female male", "A C", "cat photo", "input cat"):
        assert not belong_together(names.split())
