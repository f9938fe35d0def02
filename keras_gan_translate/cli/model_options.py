"""The arguments of a model's constructor as command-line options."""

import inspect
import re

import click

from keras_gan_translate.cli import outlines

# Options that every training has, whatever the model.
COMMON = ("image_size", "seed", "loss_weights")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


class Text(click.ParamType):
    """A text, or None by the word none."""

    name = "text"

    def convert(self, value, param, ctx):
        return None if value == "none" else value


class Anything(click.ParamType):
    """A value as YAML writes it, or the word none."""

    name = "value"

    def convert(self, value, param, ctx):
        import yaml

        if not isinstance(value, str):
            return value
        return None if value.lower() == "none" else yaml.safe_load(value)


# Of options whose default is None, or a text.
TYPES = {type(None): Anything(), str: Text()}


def model_options(model_class):
    """Click options for what only this model takes.

    Args:
        model_class: a class of the zoo.

    Returns:
        List of `click.Option`.
    """
    help_texts = argument_help(model_class)
    options = []
    for name, default in arguments(model_class).items():
        if name in COMMON:
            continue
        flag = "--" + name.replace("_", "-")
        if isinstance(default, bool):
            flag = f"{flag}/--no-{flag[2:]}"
        options.append(
            click.Option(
                [flag, name],
                type=TYPES.get(type(default)) or type(default),
                default=default,
                show_default=True,
                help=f"[{model_class.__name__}] {help_texts.get(name, '')}",
            )
        )
    return options


def arguments(model_class):
    """The constructor's arguments, name -> default."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(model_class).parameters.items()
        if parameter.kind != parameter.VAR_KEYWORD
    }


def argument_help(model_class):
    """What the class docstring says of its arguments, name -> text."""
    doc = inspect.getdoc(model_class) + "\n"
    section = re.search(r"^Args:\n((?: {4}.*\n|\n)+)", doc, re.MULTILINE)
    if section is None:
        return {}
    entries = re.findall(
        r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", section[1], re.MULTILINE
    )
    return {name: " ".join(text.split()) for name, text in entries}


class ModelCommand(click.Command):
    """A command that takes the chosen model's own arguments as options."""

    def parse_args(self, ctx, args):
        self.find_model(ctx, args)
        return super().parse_args(ctx, args)

    def find_model(self, ctx, args):
        """Looks the model up, which decides which options there are.

        Its outline knows them without Keras.
        """
        if args and not args[0].startswith("-"):
            ctx.meta["model"] = outlines.find_model(args[0])

    def get_params(self, ctx):
        params = super().get_params(ctx)
        if "model" in ctx.meta:
            own = model_options(ctx.meta["model"])
            params = [*params[:-1], *own, params[-1]]  # help stays last
        return params
