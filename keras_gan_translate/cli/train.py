"""`train`: from images to a run folder."""

import itertools
import os
import pathlib
import shlex
import sys

import click

from keras_gan_translate.cli import outlines
from keras_gan_translate.cli.console import (
    console,
    format_bytes,
    format_seconds,
    print_json,
)
from keras_gan_translate.cli.glance import glance
from keras_gan_translate.cli.model_options import (
    PRECISIONS,
    ModelCommand,
    arguments,
)
from keras_gan_translate.presets.folders import is_name
from keras_gan_translate.support import locks

BETWEEN = "\x1f"  # the words of one option


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


class Words(click.ParamType):
    """Several words: parted by commas, or as they are if several came."""

    name = "words"

    def convert(self, value, param, ctx):
        if not isinstance(value, str):
            return value
        words = value.split(BETWEEN if BETWEEN in value else ",")
        return [word for word in words if word]


class TrainCommand(ModelCommand):
    """Takes the options of the model's kind of data, too."""

    def parse_args(self, ctx, args):
        # Before Keras is there, which takes seconds.
        out = _value_of("--out", args)
        if out and _value_of("--host-index", args) in (None, "0"):
            locks.look(out)
        self.find_model(ctx, args)
        ctx.meta["kind"] = _value_of("--kind", args)
        flags = {
            param.opts[0]
            for param in _data_options()
            if isinstance(param.type, Words)
        }
        return super().parse_args(ctx, _gather(args, flags))

    def get_params(self, ctx):
        params = super().get_params(ctx)
        options = _data_options(ctx.meta.get("model"), ctx.meta.get("kind"))
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


def _value_of(flag, args):
    """What an option is given, before it is known which options there are."""
    for arg, following in itertools.zip_longest(args, args[1:]):
        if arg == flag:
            return following
        if arg.startswith(f"{flag}="):
            return arg.partition("=")[2]
    return None


def _data_options(model_class=None, kind=None):
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


def _gather(args, flags):
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


def start(options, out=None, plan=False, as_json=False):
    """Trains as the options say, or goes on.

    Args:
        options: dict of all that `train` takes, and of the model's own.
        out: the run folder; None for one of the model's and the data's name.
        plan: whether to say only what it will cost.
        as_json: with `plan`, whether as JSON.
    """
    from keras_gan_translate.data import images
    from keras_gan_translate.runs import configs

    spread = _spread(options, plan)
    model_class = outlines.find_model(options["model"])
    images.limit_pixels(options["max_pixels"] or images.MAX_PIXELS)
    config = configs.complete(_resolve(options, model_class), model_class)
    # Keras takes seconds: what is mistyped or missing was told before.
    from keras_gan_translate.engine.devices import check_batch, devices

    with devices(**spread) as names:
        if names:
            check_batch(model_class, config["batch_size"], len(names))
            console().print(
                f"Each batch of {config['batch_size']} is shared among "
                f"{len(names)} devices: {', '.join(names)}.",
                markup=False,
            )
        _start(options, config, model_class, out, plan, as_json)


def _spread(options, plan):
    """Takes out of the options where the training is to run.

    It is no part of the config: the same training goes on anywhere.
    """
    from keras_gan_translate.support.shares import check_hosts

    spread = {
        "count": options.pop("devices", None),
        "hosts": options.pop("hosts", None) or 1,
        "host_index": options.pop("host_index", None) or 0,
        "coordinator": options.pop("coordinator", None),
    }
    check_hosts(**spread)
    if plan and (spread["hosts"] > 1 or (spread["count"] or 1) > 1):
        raise click.UsageError(
            "--plan times one device: leave out --devices and --hosts."
        )
    return spread


def _start(options, config, model_class, out, plan, as_json):
    """As `start`, on the devices that the training is to run on."""
    from keras_gan_translate import backend
    from keras_gan_translate.callbacks import FollowTeacher, Resume
    from keras_gan_translate.loading import load, load_teacher
    from keras_gan_translate.runs import evaluating, remembering, training
    from keras_gan_translate.runs.run import CONFIG, SKIPPED, Run

    say, writes = console(), backend.host_index() == 0
    default = {"batch_size"} if options["batch_size"] is None else set()
    given = {key: config[key] for key in config if key not in default}
    folder = pathlib.Path(out) if out else _default_folder(given)
    if (folder / CONFIG).exists():
        # Its own default: that of runs of before was another.
        config = config | {key: Run(folder).config[key] for key in default}
    if not plan:
        _print_folder(folder)
    if writes:
        locks.look(folder)
    if writes and not as_json:
        glance(config, model_class, options)
    found = Resume.find_together(folder)
    given = {}
    if config.get("teacher"):
        online = config.get("online")
        which = "last" if online else "best"
        given["teacher"], digest = load_teacher(config["teacher"], which)
        if not online:
            config = config | {"teacher_sha256": digest}
    # All that may be refused is known before anything is written.
    model = training.build_model(config, **given)
    if config["weights"] and found is None:
        training.start_from(model, config["weights"])
    run, trained_on = None, config
    if config.get("remember") and given:
        run = Run.create(folder, config)
        say.print(f"The teacher's pictures are kept in {run.folder}.")
        trained_on = remembering.remember(model, config, folder, say.print)
    training_data = training.open_data(trained_on, model)
    training.compile_model(config, model, training_data.steps)
    if plan:
        costs = training.plan(config, model, training_data)
        _print_plan(costs, training_data.summary, as_json)
        return
    if not writes:
        say.print(f"Host {backend.host_index()} trains along; host 0 writes.")
        if found is None or found.epoch < config["epochs"]:
            training.train_along(folder, config, model, training_data)
        return
    further = []
    if found is None or found.epoch < config["epochs"]:
        further = evaluating.scores_while_training(trained_on, model)
    if config.get("online"):
        further += [FollowTeacher(lambda: load(config["teacher"], "last"))]
    say.print(f"Data: {training_data.summary}", markup=False)
    run = run or Run.create(folder, config)
    run.note_skipped(training_data.skipped)
    if training_data.skipped:
        say.print(
            f"{len(training_data.skipped)} files cannot be used: "
            f"{folder / SKIPPED} says which, and why.",
            markup=False,
            soft_wrap=True,
        )
    _train(run, model, training_data, found, further)
    say.print(
        f"Look at {folder / 'index.html'}, or translate: kgt "
        f"translate {shlex.quote(str(folder))} IMAGE",
        markup=False,
        soft_wrap=True,
    )
    _print_folder(folder)


def _train(run, model, training_data, found, further):
    """Trains, or says why there is nothing to train.

    Args:
        run: a `Run`.
        model: its model, compiled.
        training_data: its data.
        found: the `Checkpoint` to go on from, or None.
        further: callbacks, of which the run keeps what they log.
    """
    say, config = console(), run.config
    done = found.epoch if found else 0
    if done >= config["epochs"]:
        for damage in found.damaged:
            say.print(damage, markup=False)
        say.print(f"All {done} epochs are done. To train longer:")
        say.print(_longer(2 * done), markup=False, soft_wrap=True)
    else:
        if found:
            say.print(f"Going on {found.place}.")
        elif config["weights"]:
            say.print(f"Starting from {config['weights']}.", markup=False)
        verbose = 1 if sys.stdout.isatty() else 2
        train_run(run, model, training_data, verbose, further)


def train_run(run, model, training_data, verbose, callbacks):
    """Trains; whoever stops it is told where the same command goes on.

    Args:
        run: as of `training.train`.
        model: likewise, as are the others.
        training_data: its data.
        verbose: as in `fit`.
        callbacks: further ones.
    """
    from keras_gan_translate.callbacks import Resume
    from keras_gan_translate.runs import training

    try:
        training.train(run, model, training_data, verbose, callbacks)
    except (KeyboardInterrupt, SystemExit) as stop:
        found = Resume.find(run.folder)
        where = found.place if found else "at the start"
        console().print(f"Stopped. The same command goes on {where}.")
        code = stop.code if isinstance(stop, SystemExit) else 130
        raise click.exceptions.Exit(code) from None


def _resolve(options, model_class):
    """The flat config of a run, every default filled in but the data's."""
    from keras_gan_translate.data.kinds import kind_of, origin_of

    if bool(options["data"]) == bool(options["data_a"] and options["data_b"]):
        raise click.UsageError(
            "Give the images once: as DATA, one folder, or as --data-a and "
            "--data-b." + _swallowed(options)
        )
    first = {"model": model_class.__name__.lower(), "data": None}
    config = first | options | first | {"data": options["data"]}
    kind = kind_of(model_class, options)
    for option in _data_options(model_class, options.get("kind")):
        name = option.name
        if config[name] is None and name not in kind.options:
            del config[name]  # not even a word for this kind
    for name in ("weights", "teacher"):
        if config.get(name) and not is_name(config[name]):
            config[name] = os.path.abspath(config[name])
    for name in ("data", "data_a", "data_b"):
        source = config[name]
        if source and origin_of(source)[0] == "folders":
            config[name] = os.path.abspath(source)
    defaults = arguments(model_class)
    if config["image_size"] is None:
        config["image_size"] = defaults["image_size"]
    if config["jit_compile"] is None:
        config["jit_compile"] = "auto"
    return config


def _swallowed(options):
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


def _default_folder(config):
    """runs/MODEL-DATA; with a number if that is a run of another config."""
    from keras_gan_translate.runs.run import CONFIG, Run

    source = config["data"] or config["data_b"]
    name = os.path.basename(source).replace(":", "-").replace(",", "-")
    for number in itertools.count(1):
        suffix = f"-{number}" if number > 1 else ""
        folder = pathlib.Path("runs", f"{config['model']}-{name}{suffix}")
        if not folder.exists():
            return folder
        if (folder / CONFIG).exists() and not Run(folder).differences(config):
            return folder


def _longer(epochs):
    """This command with another number of epochs."""
    words, skip = [], False
    for word in sys.argv[1:]:
        if not skip and not word.startswith("--epochs="):
            skip = word == "--epochs"
            words += [] if skip else [word]
        else:
            skip = False
    return shlex.join(["kgt", *words, "--epochs", str(epochs)])


def _print_folder(folder):
    console().print(
        f"Run folder: {folder.resolve()}", markup=False, soft_wrap=True
    )


def _print_plan(costs, summary, as_json):
    if as_json:
        print_json(costs)
        return
    say = console()
    say.print(f"Data: {summary}", markup=False)
    say.print(
        f"{costs['epochs']} epochs of {costs['steps_per_epoch']} steps of "
        f"{costs['seconds_per_step']:.3g} s: "
        f"[bold]{format_seconds(3600 * costs['hours'])}[/bold]"
    )
    say.print(f"Peak memory: {format_bytes(costs['peak_memory'])}")
    say.print(f"Checkpoint: {format_bytes(costs['checkpoint'])}")
    say.print(f"Exported generator: {format_bytes(costs['translator'])}")
    say.print("Nothing was written.")
