"""`distill`: a small model for phones, from a large one and photos."""

import math
import os

import click

from keras_gan_translate.cli import outlines
from keras_gan_translate.cli.console import console
from keras_gan_translate.cli.train import TrainCommand, start, train

MODEL = "distilled"
ALIASES = {"filters": "--width", "num_blocks": "--depth"}
# Of `train` and of the model: what the arguments say, or has no meaning here.
LEFT_OUT = ("data_a", "data_b", "stage", "teacher", "discriminator")


class DistillCommand(TrainCommand):
    """As `train`, of one model."""

    def find_model(self, ctx, args):
        ctx.meta["model"] = outlines.find_model(MODEL)

    def get_params(self, ctx):
        params = []
        for param in super().get_params(ctx):
            is_option = isinstance(param, click.Option)
            if is_option and param.name in LEFT_OUT:
                continue
            if is_option and param.name in ALIASES:
                param.opts.insert(0, ALIASES[param.name])
            params.append(param)
        return params


@click.command(cls=DistillCommand)
@click.argument("teacher")
@click.argument("data", metavar="PHOTOS")
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    help="Training steps in total, up to whole epochs, instead of --epochs.",
)
@click.option(
    "--budget",
    metavar="AMOUNT",
    help="Choose --width and --depth: the largest student whose int8 file is "
    "within 1MB, say, that takes 2GMAC for an image, or 33ms of this machine.",
)
@click.option(
    "--online",
    is_flag=True,
    help="Online distillation: TEACHER is a run that is still being trained; "
    "before every epoch its newest weights are taken.",
)
@click.pass_context
def distill(ctx, teacher, data, steps, budget, out, plan, as_json, **options):
    r"""Train a small student of TEACHER on PHOTOS, for phones.

    TEACHER is a run folder, a .keras file, or published weights that `import`
    recognises: any model that makes an image of an image alone. PHOTOS is a
    folder of those that are to be translated, or "drawn"; nothing else is
    needed, neither labels nor examples of the style.

    \b
        kgt distill runs/anime selfies/ --out runs/small --budget 1MB
        kgt translate runs/small selfie.jpg
        kgt export runs/small --to litert --precision int8

    What is written is a run folder, and the same command again goes on, both
    as with `train`. The student needs its teacher only as long as it learns.
    """
    options |= {"model": MODEL, "teacher": teacher, "data": data}
    options |= {"data_a": None, "data_b": None, "stage": None}
    options["discriminator"] = None
    _check_teaching(teacher, plan, options)
    if options["image_size"] is None:
        options["image_size"] = _config_of(teacher).get("image_size")
    if steps and _is_default(ctx, "epochs"):
        options["epochs"] = _epochs(steps, options)
    if budget:
        given = [n for n in ALIASES if not _is_default(ctx, n)]
        if given:
            raise click.UsageError(
                f"--budget chooses {' and '.join(ALIASES.values())}: leave out "
                f"{' and '.join(ALIASES[name] for name in given)}."
            )
        # Whoever goes on with a run goes on with what was chosen for it.
        known = _config_of(out) if out else {}
        if all(name in known for name in ALIASES):
            options |= {name: known[name] for name in ALIASES}
        else:
            options |= _within(budget, options, quiet=as_json)
    start(options, out, plan, as_json)


distill.params += [
    param
    for param in train.params
    if isinstance(param, click.Option) and param.name not in LEFT_OUT
]


def _check_teaching(teacher, plan, options):
    """Refuses what does not go together, before there is Keras."""
    online, remember = options["online"], options["remember"]
    if online and not _config_of(teacher):
        raise click.UsageError(
            "--online follows a run while it is trained, and "
            f"'{teacher}' is no run folder."
        )
    if online and remember:
        raise click.UsageError(
            "--online is for a teacher that changes, and --remember for one "
            "that does not: leave out one of them."
        )
    if (online or remember) and (options["hosts"] or 1) > 1:
        raise click.UsageError(
            "--online and --remember are for one host: each would have a "
            "teacher of its own."
        )
    if remember and plan:
        raise click.UsageError(
            "--plan writes nothing, and would have to make the pictures that "
            "--remember keeps: leave out one of them."
        )


def _is_default(ctx, name):
    source = ctx.get_parameter_source(name)
    return source is click.core.ParameterSource.DEFAULT


def _config_of(folder):
    """The config of a run, before there is Keras; empty of what is none."""
    from keras_gan_translate.runs.folders import CONFIG
    from keras_gan_translate.support.untrusted import read_yaml

    path = os.path.join(folder, CONFIG)
    config = read_yaml(path) if os.path.exists(path) else {}
    return config if isinstance(config, dict) else {}


def _epochs(steps, options):
    """As many whole epochs as steps need."""
    from keras_gan_translate.data.kinds import find_kind

    model, count = outlines.find_model(MODEL), options["remember"]
    if not count:
        found = find_kind(model.data).find(options["data"], options["split"])
        count = found.drawn.count if found.drawn else len(found.paths)
    batches = count // (options["batch_size"] or model.batch_size)
    batches = max(1, min(batches, options["steps_per_epoch"] or batches))
    return math.ceil(steps / batches)


def _within(text, options, quiet):
    """The width and the depth of the largest student within a budget."""
    from keras_gan_translate.runs import budgets

    budget = budgets.parse(text)
    say = console(stderr=quiet)
    say.print(f"Exporting students to see which are within {budget.text} ...")

    def measured(filters, num_blocks):
        found = budgets.measure_student(
            options, filters, num_blocks, budget.measure == "latency"
        )
        told = [
            budgets.in_words(name, getattr(found, name))
            for name in ("size", "operations", "latency")
        ]
        say.print(
            f"  --width {filters:2} --depth {num_blocks}: {', '.join(told)}"
        )
        return found

    chosen, _ = budgets.choose(budget, measured)
    say.print(
        f"Chosen: --width {chosen.filters} --depth {chosen.num_blocks}. Give "
        "these instead of --budget to go on with the run without measuring."
    )
    return {"filters": chosen.filters, "num_blocks": chosen.num_blocks}
