"""Training a run folder: data, model and callbacks from its config."""

import contextlib
import dataclasses
import inspect
import itertools
import math
import time

import keras
import numpy as np

from keras_gan_translate import backend, data
from keras_gan_translate.callbacks import (
    KeepFinite,
    KeepTranslators,
    Resume,
    SampleGrid,
)
from keras_gan_translate.data.kinds import find_kind, origin_of
from keras_gan_translate.engine.batches import examples_of
from keras_gan_translate.runs import measuring, report
from keras_gan_translate.runs.configs import data_options, source_of
from keras_gan_translate.runs.opened import open_model
from keras_gan_translate.runs.run import create_model
from keras_gan_translate.support.messages import check_choice
from keras_gan_translate.support.shares import shared

NUM_SAMPLES = 4  # images that are translated after every epoch
VALIDATION_IMAGES = 100  # held-out images per epoch, at most


@dataclasses.dataclass(frozen=True)
class TrainingData:
    """What a config's data are.

    Attributes:
        dataset: batches for `fit`.
        validation: batches of held-out images, or None.
        samples: dict of raw arrays by the fields of the model's batch, held
            out where that is possible.
        summary: what was found, in one sentence.
        steps: number of batches in an epoch.
        files: paths of what is trained on, sorted; drawn data have none.
        skipped: dict of the files that are no use, path -> reason.
    """

    dataset: object
    validation: object
    samples: dict
    summary: str
    steps: int
    files: list
    skipped: dict = dataclasses.field(default_factory=dict)


def build_model(config, **given):
    """The model of a config, not compiled.

    Args:
        config: dict as `Run.config`.
        **given: as of `create_model`.

    Returns:
        A `GAN`.

    Raises:
        ValueError: the model refuses an argument, or has no such stage.
    """
    keras.utils.set_random_seed(config["seed"])
    with _precision(config.get("precision") or "float32"):
        model = create_model(config, **given)
    stage = config.get("stage")
    if stage is not None:
        if not model.stages:
            raise ValueError(
                f"{type(model).__name__} is trained in one stage, received "
                f"stage={stage!r}: leave it out."
            )
        check_choice("stage", stage, model.stages)
    return model


def start_from(model, folder):
    """Gives a model the trained translators of a run folder or a preset.

    Args:
        model: a `GAN`; networks that only it has stay as they are.
        folder: a run folder, trained or imported; or another trained model, as
            of `runs.folders.find_model`.

    Raises:
        ValueError: there is no such model, nothing is trained there, or the
            networks differ; nothing is loaded then.
    """
    trained = open_model(folder).model()
    theirs, ours = trained.translator_networks, model.translator_networks
    names = set(theirs) & set(ours)
    if not names:
        raise ValueError(
            f"'{folder}' has {sorted(theirs)}, of which "
            f"{type(model).__name__} has none: it translates with "
            f"{sorted(ours)}."
        )
    pairs = []
    for name in sorted(names):
        networks = getattr(trained, name), getattr(model, name)
        weights = (network.weights for network in networks)
        for one, other in itertools.zip_longest(*weights):
            if one is None or other is None or one.shape != other.shape:
                raise ValueError(
                    f"The weights of '{folder}' do not fit this "
                    f"{type(model).__name__}: {name} has {_named(one)} there, "
                    f"{_named(other)} here.{_differences(trained, model)}"
                )
            pairs.append((one, other))
    for one, other in pairs:
        other.assign(one.value)


def open_data(config, model):
    """Opens the data of a config.

    Args:
        config: dict as `Run.config`.
        model: what `build_model` returned for it.

    Returns:
        A `TrainingData`.

    Raises:
        ValueError: as `data.open_dataset`, or an option is not for the
            model's kind of data, or `steps_per_epoch` is larger than these.
    """
    data.resume_at(0)
    kind, source = find_kind(model.data), source_of(config)
    known = inspect.signature(type(model)).parameters
    chosen = data_options(config, kind, known) | kind.of_model(model)
    batch_size = config.get("batch_size") or model.batch_size
    options = chosen | {
        "image_size": config.get("image_size"),
        "batch_size": batch_size,
        "seed": config.get("seed"),
    }
    # The command line gives "cover" to all, those included that only cut.
    if kind.resizes or config.get("how") != "cover":
        options["how"] = config.get("how")
    split = config.get("split") or "train"
    dataset = data.open_dataset(
        source, kind.name, split=split, augment=model.augmentation, **options
    )
    summary, steps = dataset.kgt_summary, len(dataset)
    files = {
        str(path)
        for group in dataset.kgt_source.files
        for paths in group or ()
        for path in paths
    }
    skipped = dict(dataset.kgt_skipped)
    wanted = config.get("steps_per_epoch")
    if wanted is not None:
        if not 1 <= wanted <= steps:
            raise ValueError(
                f"steps_per_epoch={wanted} must be from 1 to the {steps} "
                "batches that the data have; train more epochs instead."
            )
        dataset, steps = dataset.take(wanted), wanted
    held_out = None
    several = backend.devices_of(model) > 1  # who share whole batches
    if has_held_out(source, kind, split, chosen):
        held_out = data.open_dataset(
            source,
            kind.name,
            split="test",
            augment=False,
            shuffle=False,
            drop_remainder=several or None,
            **options,
        )
        skipped |= held_out.kgt_skipped
        held_out = held_out.take(math.ceil(VALIDATION_IMAGES / batch_size))
    with shared(0, 1):
        samples = _take_examples(held_out or dataset, model, kind.spread)
    if several and held_out and examples_of(held_out) < batch_size:
        held_out = None
    # Looking at the data must not change the order of the first epoch.
    data.resume_at(0)
    return TrainingData(
        dataset, held_out, samples, summary, steps, sorted(files), skipped
    )


def compile_model(config, model, steps):
    """Compiles the model of a config.

    Args:
        config: dict as `Run.config`.
        model: what `build_model` returned for it.
        steps: number of batches in an epoch.

    Raises:
        ValueError: as `GAN.compile`.
    """
    model.compile(
        # The paper's schedule, stretched over all epochs there are to be.
        total_steps=config["epochs"] * steps,
        stage=config.get("stage"),
        clipnorm=config.get("clipnorm"),
        ema_momentum=config.get("ema_momentum"),
        jit_compile=config.get("jit_compile", "auto"),
    )


def train(run, model, training_data, verbose=2, callbacks=()):
    """Trains a run until its config's number of epochs is finished.

    Writes everything that `Run` lists. Where an earlier training of the same
    folder ended, this one goes on.

    Args:
        run: a `Run`.
        model: what `build_model` returned for its config, compiled.
        training_data: what `open_data` returned for its config.
        verbose: as in `fit`.
        callbacks: further ones, whose logs the run keeps.
    """
    folder, config = run.folder, run.config
    run.note_data(training_data.summary, training_data.files)
    resume = Resume(folder)
    if not (folder / "data.png").exists():
        with shared(0, 1):
            report.write_data_picture(
                training_data.dataset, folder / "data.png", model.batch
            )
        data.resume_at(0)
    began = [0.0]

    def begin(epoch, logs):
        began[0] = time.time()

    def record(epoch, logs):
        seconds = time.time() - began[0]
        run.add_results(epoch + 1, logs | {"seconds": round(seconds, 2)})
        report.write_results_plot(folder)
        report.write_page(folder)

    model.fit(
        training_data.dataset,
        epochs=config["epochs"],
        validation_data=training_data.validation,
        verbose=verbose,
        shuffle=False,  # the data set does it
        callbacks=[
            # First: before anything is written of what it would refuse.
            KeepFinite(resume),
            *callbacks,
            SampleGrid(
                training_data.samples,
                folder=folder / "samples",
            ),
            KeepTranslators(folder),
            keras.callbacks.LambdaCallback(
                on_epoch_begin=begin, on_epoch_end=record
            ),
            # Last: an epoch that it has saved is finished in all the rest.
            resume,
        ],
    )


def train_along(folder, config, model, training_data):
    """As `train`, on all hosts but number 0, which alone writes.

    Args:
        folder: the run folder, the same on all hosts.
        config: dict as `Run.config`.
        model: as of `train`.
        training_data: as of `train`.
    """
    resume = Resume(folder)
    model.fit(
        training_data.dataset,
        epochs=config["epochs"],
        validation_data=training_data.validation,
        verbose=0,
        shuffle=False,  # the data set does it
        callbacks=[KeepFinite(resume), resume],
    )


def plan(config, model, training_data):
    """Times three real training steps and adds up what a training costs.

    Args:
        config: dict as `Run.config`.
        model: what `build_model` returned for it, compiled.
        training_data: what `open_data` returned for it.

    Returns:
        Dict: `seconds_per_step`, `steps_per_epoch`, `epochs`, `hours`,
        `peak_memory` of this process (None where the system does not tell),
        and in bytes as float32 `checkpoint`, all variables and optimizers,
        and `translator`, what one direction's export takes.
    """
    batch = next(iter(training_data.dataset))
    data.resume_at(0)
    model.train_on_batch(batch)  # traces and compiles
    start = time.perf_counter()
    for _ in range(3):
        model.train_on_batch(batch)
    seconds = (time.perf_counter() - start) / 3
    steps = training_data.steps
    return {
        "seconds_per_step": seconds,
        "steps_per_epoch": steps,
        "epochs": config["epochs"],
        "hours": seconds * steps * config["epochs"] / 3600,
        "peak_memory": measuring.peak_memory(),
        "checkpoint": _num_bytes(model.variables + model.optimizer.variables),
        "translator": _num_bytes(model.translator().variables),
    }


def has_held_out(source, kind, split, options):
    """Whether there is a test split that is not what is trained on.

    Args:
        source: as of `data.open_dataset`.
        kind: a `DataKind`.
        split: that is trained on.
        options: dict, of the kind.
    """
    if split != "train":
        return False
    if origin_of(source)[0] != "folders":
        return True
    try:
        held_out = kind.find(source, "test", **options)
    except ValueError:  # the training split is there: this one is not
        return False
    return not held_out.paths & kind.find(source, "train", **options).paths


def _take_examples(dataset, model, spread):
    """A few examples of a data set, raw: a dict by the model's fields.

    Args:
        dataset: batches.
        model: a `GAN`.
        spread: name of a field with choices, of which each is taken as often;
            None takes the first examples.
    """
    choices = model.batch[spread].choices() if spread in model.batch else ()
    each = math.ceil(NUM_SAMPLES / max(1, len(choices)))
    rooms = dict.fromkeys(range(max(1, len(choices))), each)
    taken = {name: [] for name in model.batch}
    for batch in dataset:
        raw = {
            name: field.raw(np.asarray(batch[name]))
            for name, field in model.batch.items()
        }
        for row in range(len(next(iter(raw.values())))):
            choice = int(raw[spread][row]) if choices else 0
            if rooms[choice]:
                rooms[choice] -= 1
                for name, values in raw.items():
                    taken[name].append(values[row])
        if not any(rooms.values()):
            break
    return {name: np.stack(values) for name, values in taken.items()}


def _named(variable):
    """A variable of a network for an error: its path and shape."""
    if variable is None:
        return "no more weights"
    return f"{variable.path} {tuple(variable.shape)}"


def _differences(trained, model):
    """What two models were built with differently, as a sentence."""
    there, here = trained.get_config(), model.get_config()
    different = [
        f"{name} {there[name]!r} there, {here[name]!r} here"
        for name in there.keys() & here.keys()
        if there[name] != here[name]
        and name not in ("name", "dtype", "loss_weights")
    ]
    return f" Different: {'; '.join(sorted(different))}." if different else ""


@contextlib.contextmanager
def _precision(policy):
    """Within it new layers have another dtype policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _num_bytes(variables):
    unique = {id(variable): variable for variable in variables}
    return sum(4 * math.prod(v.shape) for v in unique.values())
