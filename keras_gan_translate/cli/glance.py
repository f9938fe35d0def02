"""The quick form of `doctor`, with which each training begins."""

import contextlib

from keras_gan_translate.cli.console import console

MOST_LINES = 5
SHORT = 150  # characters of a line
# What `data.advice` tells whoever opens the data, from Python too.
TOLD = ("few_images", "small_images")


def glance(config, model_class, asked):
    """The quick form, before a training: five lines at most, or none.

    What training refuses itself, a moment later and in its own words, is
    nothing here.

    Args:
        config: dict as `Run.config`, complete.
        model_class: a `GAN` class.
        asked: dict of the options that were given, not of those that the
            data have added.
    """
    from keras_gan_translate.data.doctor import diagnose
    from keras_gan_translate.data.kinds import kind_of, origin_of

    source = config["data"] or (config["data_a"], config["data_b"])
    if origin_of(source)[0] != "folders":
        return
    kind = kind_of(model_class, config)
    options = {
        name: asked[name]
        for name, option in kind.options.items()
        if asked.get(name) is not None and not option.of_model
    }
    with contextlib.suppress(ValueError, OSError):
        diagnosis = diagnose(
            source,
            kind.name,
            image_size=config["image_size"],
            quick=True,
            **options,
        )
        for line in _in_short(diagnosis):
            console().print(line, markup=False, soft_wrap=True)


def _in_short(diagnosis):
    """At most five lines, of what is worse than a note."""
    found = [
        finding
        for finding in diagnosis.findings
        if finding.level != "note" and finding.name not in TOLD
    ]
    if not found or diagnosis.material.error:
        return []
    shown = found[: MOST_LINES - 1]
    lines = []
    for finding in shown:
        words = f"{finding.level}: {finding.what}"
        cut = len(words) > SHORT
        lines.append(f"{words[: SHORT - 4]} ..." if cut else words)
    more = len(found) - len(shown)
    also = f"There is more ({more}): " if more else ""
    return [*lines, f"{also}`{diagnosis.command}` says what to do."]
