"""What a model is asked to be judged by: its translations of some images."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from keras_gan_translate.fields import columns


@dataclasses.dataclass(frozen=True)
class Question:
    """Translations of one direction, or to one domain, and what is known.

    Attributes:
        name: of the direction or the domain.
        fake: uint8 array (N, H, W, 3), what the model made.
        source: what of, uint8 (N, h, w, 3); None if nothing to compare with.
        real: uint8 (M, H, W, 3), images that it should look like, or None.
        truth: uint8 (N, H, W, 3), what each should be, or None.
        samples: uint8 (S, N, H, W, 3), with other styles, or None.
    """

    name: str
    fake: np.ndarray
    source: np.ndarray | None = None
    real: np.ndarray | None = None
    truth: np.ndarray | None = None
    samples: np.ndarray | None = None


def ask(model, examples: dict, aligned: bool = False) -> Iterator[Question]:
    """Lets a model translate examples in every way that it knows.

    Args:
        model: a `GAN`.
        examples: dict of raw arrays by the fields of its batch.
        aligned: whether the target of a batch is the true translation of its
            source.

    Yields:
        A `Question` for each direction; of a model of several domains, or of
        attributes, for each of them, to which the images are translated that
        are not of it; of a model that makes images of no image, of as many as
        there are real ones.
    """
    for direction in model.directions:
        yield from _in_direction(model, direction, examples, aligned)


def _in_direction(model, direction, examples, aligned):
    name = model.source(direction)
    makes = model.translators[direction].makes
    real = examples.get(makes)
    if name is None and real is None or name not in (None, *examples):
        return
    inputs = model.inputs(direction)
    # What lies upon an image, such as its mask, belongs to the question.
    laid = {
        field.option: examples[key]
        for key, field in inputs.items()
        if field.option and field.per_pixel and key in examples
    }
    labels = {}
    for key, field in inputs.items():
        key = getattr(field, "of", key)  # a change, of what there is
        if field.option and not field.per_pixel and key in examples:
            labels[field.option] = field, key
    known = model.options(direction)
    if name is None:
        # Every image is of a seed of its own already.
        known = {w: f for w, f in known.items() if f.control != "seed"}
    asked = columns(known, laid)
    seeds = [c for _, c in asked if _is_drawn(model, direction, c)]
    if seeds:
        yield _with_styles(model, direction, examples, laid, seeds, aligned)
        return
    for title, chosen in asked:
        of_it = np.zeros(len(next(iter(examples.values()))), bool)
        for word, (field, key) in labels.items():
            of_it, chosen[word] = _wanted(field, examples[key], chosen[word])
        others = real[of_it] if labels and real is not None else real
        if name is None:
            fake = model.generate(len(others), direction, **chosen)
            yield Question(title or direction, fake, real=_several(others))
            continue
        # To a domain those are translated that are not of it.
        source = examples[name][~of_it] if labels else examples[name]
        if not len(source):
            continue
        options = {word: list(x[~of_it]) for word, x in laid.items()}
        yield Question(
            title or direction,
            model.translate(source, direction, **options, **chosen),
            # An image with a hole is no candidate for its own repair.
            source=None if laid else _pictures(model.field(name), source),
            real=_several(others),
            truth=None if labels else _truth(makes, examples, laid or aligned),
        )


def _wanted(field, values, choice):
    """Which examples are of a choice already, and what to tell of the others.

    Args:
        field: of the option.
        values: of the examples, raw.
        choice: one of the field's.

    Returns:
        (bool array, a value for all others or a list of one for each)
    """
    names = getattr(field, "names", ())
    if not names:
        wanted = field.parse(choice)
        return np.array([np.array_equal(x, wanted) for x in values]), choice
    place = field.choices().index(choice)
    of_it = np.asarray(values)[:, place] > 0.5
    if hasattr(field, "of"):  # told is what changes
        return of_it, choice
    wanted = np.array(values)[~of_it]
    wanted[:, place] = 1  # and the others stay
    return of_it, list(wanted)


def _with_styles(model, direction, examples, laid, seeds, aligned):
    """The question of a direction whose translations are drawn."""
    name = model.source(direction)
    makes = model.translators[direction].makes
    source = examples[name]
    (word,) = {word for chosen in seeds for word in chosen}
    samples = np.stack(
        [
            model.translate(
                source,
                direction,
                # Styles of its own for each image.
                **{word: [len(seeds) * i + k for i in range(len(source))]},
                **{w: list(values) for w, values in laid.items()},
            )
            for k in range(len(seeds))
        ]
    )
    return Question(
        direction,
        samples[0],
        source=None if laid else _pictures(model.field(name), source),
        real=examples.get(makes),
        truth=_truth(makes, examples, laid or aligned),
        samples=samples,
    )


def _is_drawn(model, direction, chosen):
    known = model.options(direction)
    return len(chosen) == 1 and all(
        known[word].control == "seed" for word in chosen
    )


def _truth(makes, examples, known):
    return examples.get(makes) if known else None


def _pictures(field, values):
    """Sources as RGB; None where they are no images, such as label maps."""
    if field.reads != "image":
        return None
    return np.stack([field.draw(value) for value in values])


def _several(images):
    """Images of which there are enough for a distribution, else None."""
    return images if images is not None and len(images) > 1 else None
