"""The options of the kinds of data, as command-line options."""

import itertools

import click

from keras_gan_translate.cli.model_options import arguments

BETWEEN = "\x1f"  # the words of one option


class Words(click.ParamType):
    """Several words: parted by commas, or as they are if several came."""

    name = "words"

    def convert(self, value, param, ctx):
        if not isinstance(value, str):
            return value
        words = value.split(BETWEEN if BETWEEN in value else ",")
        return [word for word in words if word]


def data_options(model_class=None, kind=None):
    """Click options of the kinds of data; only the model's own are shown.

    The others are there to be refused in words.
    """
    from keras_gan_translate.data.kinds import DataKind, kind_of

    own = model_class and kind_of(model_class, {"kind": kind})
    others = [kind for kind in DataKind.kinds if kind is not own]
    known = arguments(model_class) if model_class else {}
    options = {}
    for kind in [own, *others] if own else others:
        for name, option in kind.options.items():
            mine = own is None or kind is own
            of_others = name in known and not mine
            if name in options or option.of_model or of_others:
                continue
            word = click.Choice(option.choices) if option.choices else None
            options[name] = click.Option(
                ["--" + name.replace("_", "-"), name],
                type=Words() if option.many else word,
                metavar="NAME..." if option.many else None,
                hidden=not mine,
                help=f"[{kind.name} data] {option.help}",
            )
    return list(options.values())


def gather(args, flags):
    """`--domains cat dog` as one word after the option; so is `cat,dog`."""
    gathered, words = [], None
    for arg in args:
        if arg.startswith("-"):
            words = None
        if words is not None:
            words.append(arg)
            gathered[-1] = BETWEEN.join(words)
            continue
        gathered.append(arg)
        if words is None and arg in flags:
            words = []
            gathered.append("")
    return gathered


def value_of(flag, args):
    """What an option is given, before it is known which options there are."""
    for arg, following in itertools.zip_longest(args, args[1:]):
        if arg == flag:
            return following
        if arg.startswith(f"{flag}="):
            return arg.partition("=")[2]
    return None


def swallowed(options):
    """Where DATA may have gone that is missing."""
    for name, value in options.items():
        if isinstance(value, list) and len(value) > 1 and not options["data"]:
            flag = "--" + name.replace("_", "-")
            return (
                f" {flag} takes all words up to the next option: put DATA "
                f"before it, or write {flag} {','.join(value[:-1])} {value[-1]}"
                "."
            )
    return ""
