"""`train`: from images to a run folder."""

import click

from keras_gan_translate.cli.data_options import (
    Words,
    data_options,
    gather,
    value_of,
)
from keras_gan_translate.cli.model_options import PRECISIONS, ModelCommand
from keras_gan_translate.cli.starting import start
from keras_gan_translate.support import locks


def _parse_weights(ctx, param, values):
    weights = {}
    for value in values:
        name, equals, number = value.partition("=")
        try:
            weights[name] = float(number)
        except ValueError:
            raise click.BadParameter(
                f"{value!r} is not of the form NAME=VALUE, such as cycle=10"
            ) from None
    return weights or None


class TrainCommand(ModelCommand):
    """Takes the options of the model's kind of data, too."""

    def parse_args(self, ctx, args):
        # Before Keras is there, which takes seconds.
        out = value_of("--out", args)
        if out and value_of("--host-index", args) in (None, "0"):
            locks.look(out)
        self.find_model(ctx, args)
        ctx.meta["kind"] = value_of("--kind", args)
        flags = {
            param.opts[0]
            for param in data_options()
            if isinstance(param.type, Words)
        }
        return super().parse_args(ctx, gather(args, flags))

    def get_params(self, ctx):
        params = super().get_params(ctx)
        options = data_options(ctx.meta.get("model"), ctx.meta.get("kind"))
        names = {option.name for option in options}
        # What the data say of the model, its user need not.
        params = [param for param in params if param.name not in names]
        return [*params[:-1], *options, params[-1]]  # help stays last

    def format_epilog(self, ctx, formatter):
        if "model" in ctx.meta:
            from keras_gan_translate.data.kinds import kind_of

            kind = kind_of(ctx.meta["model"], {"kind": ctx.meta.get("kind")})
            with formatter.section(f"DATA, {kind.name}"):
                about = f"{kind.about[0].upper()}{kind.about[1:]}"
                formatter.write_text(
                    f"{about}: {kind.layouts}. Or drawn: "
                    f"{', '.join(f'drawn:{world}' for world in kind.worlds)}."
                )


@click.command(cls=TrainCommand)
@click.argument("model")
@click.argument("data", required=False)
@click.option(
    "--data-a",
    help="Folder of domain A, instead of DATA; or of the label maps, or of "
    "the photos that have holes.",
)
@click.option(
    "--data-b",
    help="Folder of domain B; or of the photos, or of the holes.",
)
@click.option("--split", default="train", show_default=True)
@click.option(
    "--how",
    type=click.Choice(["cover", "letterbox", "stretch"]),
    default="cover",
    show_default=True,
    help="What happens to images that are not square.",
)
@click.option(
    "--image-size",
    type=click.IntRange(min=1),
    help="Height and width in pixels.  [default: the model's]",
)
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="In total, those before a resume included.",
)
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    help="Examples in a batch.  [default: the model's]",
)
@click.option(
    "--steps-per-epoch",
    type=click.IntRange(min=1),
    help="Shorter epochs.  [default: all images]",
)
@click.option(
    "--max-pixels",
    type=click.IntRange(min=1),
    metavar="COUNT",
    help="Pictures of more pixels are skipped.  [default: 50 million]",
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    default="float32",
    show_default=True,
)
@click.option(
    "--jit-compile/--no-jit-compile",
    default=None,
    help="XLA.  [default: with an accelerator, and on JAX]",
)
@click.option("--clipnorm", type=float, help="Largest norm of a gradient.")
@click.option(
    "--ema-momentum",
    type=float,
    help="Translate with a moving average of the weights, e.g. 0.999.",
)
@click.option(
    "--devices",
    type=click.IntRange(min=1),
    help="Share each batch among so many devices, of each host.  [default: "
    "one; of several hosts all]",
)
@click.option(
    "--hosts",
    type=click.IntRange(min=1),
    help="Number of hosts that train together, with JAX: this command runs on "
    "each, in one run folder that all see.",
)
@click.option(
    "--host-index",
    type=click.IntRange(min=0),
    help="Number of this host, from 0, which writes.",
)
@click.option(
    "--coordinator",
    metavar="HOST:PORT",
    help="Of host 0, where the others find it.",
)
@click.option("--stage", help="For models that are trained in stages.")
@click.option(
    "--weights",
    help="Start with the translators of another run folder: of the stage "
    "before, or imported; or with those of a preset.",
)
@click.option(
    "--loss-weight",
    "loss_weights",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_parse_weights,
    help="Replaces the weight of a loss; may be given several times.",
)
@click.option(
    "--evaluate-every",
    type=click.IntRange(min=1),
    metavar="EPOCHS",
    help="Measure translations of held-out images so often, as `evaluate` "
    "does; the page shows the curves.  [default: never]",
)
@click.option(
    "--evaluate-features",
    default="random",
    show_default=True,
    metavar="NAME[=FILE]",
    help="What sees them: as --features of `evaluate`.",
)
@click.option(
    "--out",
    help="The run folder.  [default: runs/MODEL-DATA]",
)
@click.option(
    "--plan",
    is_flag=True,
    help="Time three steps, say what the training will cost, and stop.",
)
@click.option("--json", "as_json", is_flag=True, help="With --plan: JSON.")
def train(out, plan, as_json, **options):
    """Train a model and write a run folder.

    DATA is a folder in one of the layouts people have: trainA/ + trainB/,
    train/<domain>/, pairs side by side in train/, train_label/ + train_img/,
    photos, or a list of pairs such as metadata.csv; an error lists those that
    the model's kind of data knows. Or it is "drawn" ("drawn:2000") for
    pictures drawn by code, or a world of these: "drawn:scenes",
    "drawn:garments", "drawn:faces:photo,line", portraits by designers as
    "avatars" or "avatars:open-peeps,lorelei"; or
    "tfds:cycle_gan/horse2zebra". Two folders are given with --data-a and
    --data-b.

    The same command again goes on where training stopped, interrupted or
    killed, at the image that would have been next. With larger --epochs a
    finished run is trained on; the learning rate's schedule is stretched over
    the new total.

    A model with stages is trained in one run folder per stage: first with
    --stage pretrain --out runs/pre, then with --stage adversarial --weights
    runs/pre.

    `train MODEL --help` lists the options of that model and of its data.
    """
    start(options, out, plan, as_json)
