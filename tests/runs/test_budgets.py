import pytest

from keras_gan_translate.export.operators import Operator, Tensor, multiply_adds
from keras_gan_translate.runs import budgets
from keras_gan_translate.runs.budgets import Candidate, choose, parse


@pytest.mark.parametrize(
    ("text", "measure", "most"),
    [
        ("1MB", "size", 1e6),
        ("1.5 MiB", "size", 1.5 * 2**20),
        ("300kB", "size", 3e5),
        ("2GMAC", "operations", 2e9),
        ("500mmac", "operations", 5e8),
        (" 33ms ", "latency", 33.0),
    ],
)
def test_budgets_are_numbers_with_units(text, measure, most):
    budget = parse(text)
    assert (budget.measure, budget.most) == (measure, pytest.approx(most))
    assert budget.text == text.strip()


@pytest.mark.parametrize(
    "text", ["", "1", "MB", "1 GB", "-2ms", "0MB", "1,5MB"]
)
def test_what_is_no_budget_is_told_what_is(text):
    with pytest.raises(
        ValueError, match="such as 1MB.*Received.*units: kb, mb"
    ):
        parse(text)


def measured(filters, num_blocks):
    """As a student would be: of size, operations and time."""
    weights = filters**2 * (100 + 400 * num_blocks)
    return Candidate(
        filters, num_blocks, weights, 1000 * weights, weights / 1e5
    )


def test_the_largest_within_a_budget_is_chosen():
    for text in ("0.5MB", "0.5GMAC", "5ms"):
        chosen, tried = choose(parse(text), measured)
        # 24 by 2 takes 0.518: 16 by 2 takes 0.230, by 4 0.435, by 6 0.640.
        assert (chosen.filters, chosen.num_blocks) == (16, 4)
        asked = [(c.filters, c.num_blocks) for c in tried]
        assert asked == [(8, 2), (12, 2), (16, 2), (24, 2), (16, 4), (16, 6)]
    chosen, _ = choose(parse("1GMAC"), lambda *size: Candidate(*size, 1, 1, 1))
    assert chosen.filters == budgets.WIDTHS[-1]
    assert chosen.num_blocks == budgets.DEPTHS[-1]


def test_too_small_a_budget_is_told_what_the_smallest_takes():
    with pytest.raises(ValueError, match="--width 8 --depth 2, takes 0.06 MB"):
        choose(parse("10kB"), measured)


def test_multiply_adds_are_those_of_convolutions():
    def tensor(*shape):
        return Tensor("", shape, "int8", None, None, None)

    def operator(name, kernel, made):
        inputs = [tensor(1, 8, 8, 4), kernel]
        return Operator(name, False, inputs, [made], {})

    graph = [
        operator("CONV_2D", tensor(16, 3, 3, 4), tensor(1, 8, 8, 16)),
        operator("DEPTHWISE_CONV_2D", tensor(1, 3, 3, 4), tensor(1, 4, 4, 4)),
        operator("ADD", tensor(1, 8, 8, 4), tensor(1, 8, 8, 4)),
    ]
    assert multiply_adds(graph) == 8 * 8 * 16 * 9 * 4 + 4 * 4 * 4 * 9
