"""What a translator may be told, as command-line options of its own."""

import os

import click

from keras_gan_translate.runs.folders import find_model


class FieldType(click.ParamType):
    """A user's value of a field: a word, a seed, or a file.

    Args:
        word: the option's.
        field: a `Field`.
    """

    name = "value"

    def __init__(self, word, field):
        self.word, self.field = word, field

    def convert(self, value, param, ctx):
        if self.field.reads and os.path.exists(value):
            return value
        if self.field.reads and self.field.control != "seed":
            self.fail(f"There is no file '{value}'.", param, ctx)
        try:
            self.field.parse(value)
        except (ValueError, TypeError) as error:
            self.fail(str(error), param, ctx)
        return value


def field_options(fields, taken=()):
    """Click options for what a translator may be told.

    Args:
        fields: dict from the user's word to its `Field`.
        taken: words that the command has itself.

    Returns:
        List of `click.Option`.
    """
    options = {
        word: {
            "type": FieldType(word, field),
            "metavar": _metavar(word, field),
            "help": _help(field),
        }
        for word, field in fields.items()
    }
    for word, field in fields.items():
        if field.scaled_by:
            options[field.scaled_by] = {
                "type": float,
                "help": f"Multiplies {_flag(word)}: 0 leaves everything as it "
                "is.  [default: 1]",
            }
    return [
        click.Option([_flag(word), word], **how)
        for word, how in options.items()
        if word not in taken
    ]


class TranslatorCommand(click.Command):
    """A command that takes its translator's own options.

    The translator decides which options there are, so it is opened first and
    kept in `ctx.meta["translator"]`.
    """

    def parse_args(self, ctx, args):
        given, paths = self._look(args)
        wants_help = any(arg in ctx.help_option_names for arg in args)
        try:
            ctx.meta["translator"] = self.open(paths, **given)
        except (ValueError, OSError, ImportError):
            if not wants_help:
                raise
        return super().parse_args(ctx, args)

    def open(self, paths, model=None, weights=None, direction=None, **other):
        """What translates, or None where the command line does not tell.

        Args:
            paths: what is no option.
            model: of `--model`.
            weights: of `--weights`.
            direction: of `--direction`.
            **other: the command's other options.
        """
        source, inputs = model, paths
        if not (weights or model):
            source, inputs = self.split(paths)
            if source:  # before Keras is there, which takes seconds
                source = find_model(source)
        # Buckets are looked into later.
        local = [path for path in inputs if "://" not in path]
        if (
            local
            and local == list(inputs)
            and not any(map(os.path.lexists, inputs))
        ):
            raise ValueError(f"There is no file or folder '{inputs[0]}'.")
        if other.get("engine"):
            from keras_gan_translate.scale.on_ray import share_gpus

            share_gpus()
        from keras_gan_translate.runs.translators import open_translator

        if weights:
            return _import_translator(weights, model, direction)
        if source:
            which = other.get("which") or "best"
            trust = other.get("trust", False)
            return open_translator(source, bool(model), direction, which, trust)
        return None

    def split(self, paths):
        """(the model that is named, the inputs) of what is no option."""
        return (paths[0] if paths else None), paths[1:]

    def get_params(self, ctx):
        params = super().get_params(ctx)
        translator = ctx.meta.get("translator")
        if translator is not None:
            from keras_gan_translate.runs.translators import options_of

            taken = {param.name for param in params}
            own = field_options(options_of(translator), taken)
            params = [*params[:-1], *own, params[-1]]  # help stays last
        return params

    def _look(self, args):
        """({option: its text}, the rest), before it is known what there is."""
        known = {
            flag: param
            for param in self.params
            if isinstance(param, click.Option)
            for flag in param.opts
        }
        given, rest, waiting = {}, [], iter(args)
        for arg in waiting:
            flag, equals, value = arg.partition("=")
            if arg == "--":
                rest += waiting
            elif not arg.startswith("-"):
                rest.append(arg)
            elif arg.startswith("--"):
                param = known.get(flag)
                if param is not None and param.is_flag or flag == "--help":
                    given |= {param.name: True} if param is not None else {}
                    continue
                # What is not known here is of the translator, with a value.
                value = value if equals else next(waiting, None)
                if param is not None:
                    given[param.name] = value
        return given, rest


def _import_translator(weights, model, direction):
    """What translates with published weights; says what it recognised."""
    from keras_gan_translate.checkpoints import recognise
    from keras_gan_translate.cli.console import console
    from keras_gan_translate.export.artefacts import ModelArtefact

    found = recognise(weights, model)
    console(stderr=True).print(
        f"Recognised {found}", markup=False, soft_wrap=True
    )
    return ModelArtefact(found.load(), direction, weights)


def _flag(word):
    return f"--{word.replace('_', '-')}"


def _metavar(word, field):
    words = {"menu": "NAME", "checks": "NAME,...", "changes": "+NAME,-NAME,..."}
    if field.control in words:
        return words[field.control]
    if field.control == "seed":
        return "SEED|IMAGE" if getattr(field, "encoder", None) else "SEED"
    return "FILE" if field.reads else word.upper()


def _help(field):
    from keras_gan_translate.support.messages import shorten

    texts = {
        "menu": f"One of {shorten(field.choices(), 50)}.",
        "checks": "What shall hold, and nothing else: names of "
        f"{shorten(getattr(field, 'names', ()), 50)}.",
        "changes": "What is to change, + to get it and - to lose it: names of "
        f"{shorten(getattr(field, 'names', ()), 50)}.",
        "seed": "What is drawn at random, by a number.",
        "picture": "An image file, or a folder of one for each input.",
        "brush": f"{(field.__doc__ or '').splitlines()[0]} A file, or a "
        "folder of one for each input.",
    }
    try:
        default = f"  [default: {field.default()}]"
    except ValueError:
        default = ""
    return texts.get(field.control, "") + default
