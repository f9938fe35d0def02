"""`convert`: somebody else's weights to one Keras file."""

import pathlib

import click

from keras_gan_translate.cli.console import console
from keras_gan_translate.cli.import_ import check_weights


@click.command()
@click.option(
    "--from",
    "source",
    required=True,
    metavar="SOURCE",
    help="File, TensorFlow checkpoint, or folder.",
)
@click.option("--model", help="As `models` lists it.  [default: recognised]")
@click.option("--part", help="Network of the source, such as genA2B.")
@click.option(
    "--direction", help="Which translator is written.  [default: the first]"
)
@click.option("--out", required=True, help="The .keras file.")
@click.option("--force", is_flag=True, help="Replace files that exist already.")
def convert(source, model, part, direction, out, force):
    """Convert published weights to a Keras file of one translator.

    SOURCE is an .npz, .pt, .pth, .ckpt, .bin or .safetensors file, also of a
    whole training, a TensorFlow checkpoint, or a folder of one of these or of
    .npy files. What it holds is recognised by names and shapes of its
    tensors; no code in it is run. A file that exists is not overwritten
    without --force.
    """
    path = pathlib.Path(out).absolute()
    if path.suffix != ".keras":
        raise ValueError(
            f"--out names a file ending in .keras. Received: '{out}'."
        )
    check_weights(source, model)
    from keras_gan_translate.checkpoints import recognise
    from keras_gan_translate.support.files import written_aside
    from keras_gan_translate.support.outputs import check_outputs

    check_outputs([path], path.parent, force)
    found = recognise(source, model, part)
    say = console(stderr=True)
    say.print(f"Recognised {found}", markup=False, soft_wrap=True)
    translators = found.load()
    directions = list(translators.directions)
    direction = direction or directions[0]
    network = translators.translator(direction)
    del translators, found  # the networks beside it may have gigabytes
    with written_aside(path) as aside:
        network.save(aside)
    say.print(
        f"Written: {network.name}, {network.count_params():,} parameters.",
        markup=False,
    )
    for other in directions:
        if other != direction:
            say.print(f"For the other translator: --direction {other}")
    click.echo(path)
