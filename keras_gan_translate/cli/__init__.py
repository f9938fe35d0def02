"""The command line: one verb per stage; flags have the arguments' names.

Only click is imported here and in the verbs' files; the rest when a verb
runs, so that help is there at once.
"""

import contextlib
import warnings

import click

from keras_gan_translate.cli import (
    benchmark,
    compare,
    convert,
    demo,
    distill,
    doctor,
    edit,
    evaluate,
    export,
    generate,
    import_,
    inspect,
    models,
    paint,
    prepare,
    train,
    translate,
    web,
)
from keras_gan_translate.support.quiet import quieten_tensorflow
from keras_gan_translate.support.version import __version__


@contextlib.contextmanager
def plain_warnings():
    """Within it warnings for users are one line, without a place in code."""
    as_before = warnings.formatwarning

    def format_warning(message, category, *place):
        if category is UserWarning:
            return f"Note: {message}\n"
        return as_before(message, category, *place)

    warnings.formatwarning = format_warning
    try:
        yield
    finally:
        warnings.formatwarning = as_before


class Program(click.Group):
    """A group whose errors are one line, and tracebacks only on request."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except click.NoSuchOption as error:
            # The nearest comes first, and click would sort them.
            error.possibilities = (error.possibilities or [])[:1]
            raise
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            if ctx.params["debug"]:
                raise
            raise Failure(error) from error


class Failure(click.ClickException):
    """An error of the library, shown in one line; exit code 1.

    Args:
        error: the exception. What users can cause is a ValueError, OSError
            or ImportError and explains itself.
    """

    def __init__(self, error):
        message = " ".join(str(error).split())
        if not isinstance(error, (ValueError, OSError, ImportError)):
            message = (
                f"{type(error).__name__}: {message} (Run it again as "
                "`kgt --debug ...` to see where.)"
            )
        super().__init__(message)

    def show(self, file=None):
        from keras_gan_translate.cli.console import console

        console(stderr=True).print(
            f"Error: {self.message}", style="red", markup=False, soft_wrap=True
        )


@click.group(
    cls=Program, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="kgt")
@click.option("--debug", is_flag=True, help="Show tracebacks of errors.")
def main(debug):
    r"""Image-to-image translation GANs for Keras 3.

    See what comes out of it, at once or in a few minutes:

    \b
        kgt translate photo.jpg
        kgt demo

    Train on images of your own, then translate others:

    \b
        kgt train ugatit selfie2anime --out runs/anime
        kgt translate runs/anime selfie.jpg
    """
    click.get_current_context().with_resource(plain_warnings())
    if not debug:
        # TensorFlow's log speaks of missing GPUs; its errors are exceptions.
        quieten_tensorflow("3")


for command in (
    models.models,
    models.info,
    doctor.doctor,
    prepare.prepare,
    train.train,
    distill.distill,
    translate.translate,
    generate.generate,
    benchmark.benchmark,
    demo.demo,
    convert.convert,
    import_.import_,
    evaluate.evaluate,
    compare.compare,
    export.export,
    inspect.inspect,
    web.web,
    paint.paint,
    edit.edit,
):
    main.add_command(command)

for command in (main, *main.commands.values()):
    # Raw docstrings write the character that keeps click from wrapping so.
    command.help = command.help.replace(r"\b", "\b")
