"""What a grid shows side by side."""


def columns(options, given=()):
    """The choices that a grid has a column each of.

    Args:
        options: dict from the user's word to its `Field`, as
            `Translating.options`.
        given: the words that have a value already.

    Returns:
        List of (title, dict of values by word). The first option with choices
        has a column for each; further ones stay at their first. One column
        without a title where there is nothing to choose.
    """
    choices = {
        word: field.choices()
        for word, field in options.items()
        if word not in given and field.choices()
    }
    if not choices:
        return [("", {})]
    word, values = next(iter(choices.items()))
    first = {other: values[0] for other, values in choices.items()}
    return [
        (
            value if isinstance(value, str) else f"{word} {value}",
            first | {word: value},
        )
        for value in values
    ]
