"""Methods side by side: the same data, the same processor time each.

    python examples/benchmark.py --emoji data/emoji --out runs/benchmark

Four data sets of 64 pixels. In `emoji` and `faces` the same things are drawn
in several styles, so that every translation has a known answer: models of two
domains learn one pair of styles, models of several all four. In `attributes`
(drawn faces) and `avatars` (Open Peeps) one attribute of a picture changes;
of the drawn faces the answer is known.

Every model trains for the same processor time (not the clock's, so that two
may train at once: `--jobs 2`), on one thread, by its paper's batch and
learning rates, which are constant for half of the time and then fall to zero.
Its first step, which traces, does not count. Widths are reduced so that a
translator has 0.4 to 1.6 million parameters (`RECIPES`). The same call again
goes on where an earlier one ended.

What is measured, on pictures held out (of emoji whole concepts: all variants
of one lie on one side):

- style: share of translations that a classifier, trained here on the real
  pictures, takes for the style asked for. Half of its pictures have the
  colours of another style, so that colours alone make none. Beside it stands
  how it does on real pictures that it has not seen.
- PSNR and SSIM to the true counterpart, against doing nothing and against two
  colour maps that leave every shape as it is. `color statistics` gives the
  pictures the mean and the covariance of the other style's colours (the
  optimal transport of normal distributions): one map for all, learned without
  pairs, as the models learn. `best color map` is fitted to every held-out
  picture and its own truth by least squares, affine in RGB: no recolouring
  of that kind can do better, and nothing that has not seen the truth can do
  as well by colours alone.
- PSNR where nothing is to change (attributes whose truth is drawn): on the
  pixels in which the truth is the source. The identity, in decibels.
- found: share of translations whose nearest picture, among all true ones
  held out, is their own.
- diversity, where a method promises it: mean difference of two translations
  of one picture with other styles, in steps of 255. PSNR, SSIM and the others
  are then means over the styles drawn; `best of 4` is the PSNR of the best.
"""

import argparse
import dataclasses
import inspect
import itertools
import pathlib
import sys

import keras
import numpy as np
from benchmark_data import (
    ATTRIBUTES,
    IMAGE_SIZE,
    PAIRS,
    SEED,
    STYLES,
    flipped,
    load_data,
    make_data,
    names_of,
    tasks_of,
)
from benchmark_scores import baselines, mean_scores, train_classifier
from timed_training import (
    constant_rates,
    facts_of,
    measure_all,
    read_finished,
    read_json,
    say,
    scores_table,
    shown_rows,
    sizes_table,
    train,
    write_json,
    write_report,
)

import keras_gan_translate as kgt
from keras_gan_translate.networks import image_of
from keras_gan_translate.support.files import written_aside

NUM_STYLES = 4  # drawn for each picture, where a method draws them
NUM_SHOWN = 8  # rows of a grid
DATA = (*STYLES, *ATTRIBUTES)
# Models of two domains, and models that are told a label.
PAIRED_STYLES = ("cyclegan", "ugatit", "munit", "drit", "discogan")
LABELLED = ("stargan", "relgan")
MODELS = {
    "emoji": (*PAIRED_STYLES, *LABELLED),
    "faces": (*PAIRED_STYLES, *LABELLED),
    "attributes": (*LABELLED, "stgan", "elegant"),
    "avatars": LABELLED,
}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How a model is built and trained here.

    Attributes:
        arguments: of its class, beside the image size and the labels.
        batch_size: the paper's, unless a note says otherwise.
        relative: whether its label is what is to change, not what is to be.
        note: what else differs from the paper.
    """

    arguments: dict
    batch_size: int
    relative: bool = False
    note: str = ""


RECIPES = {
    "cyclegan": Recipe({"filters": 16, "num_blocks": 6}, 1),
    "ugatit": Recipe({"filters": 16, "num_blocks": 3, "light": True}, 1),
    "munit": Recipe({"filters": 16, "num_blocks": 3, "style_units": 64}, 1),
    "drit": Recipe({"filters": 16, "num_blocks": 2}, 2),
    "discogan": Recipe(
        {"filters": 32, "curriculum": 500},
        32,
        note="reconstruction counts half after 500 steps, not 10,000",
    ),
    "stargan": Recipe({"filters": 16, "num_blocks": 6}, 16),
    "relgan": Recipe({"filters": 16, "num_blocks": 6}, 4, relative=True),
    "stgan": Recipe(
        {"filters": 16, "dense_units": 128}, 16, True, "the paper's batch is 32"
    ),
    "elegant": Recipe({"filters": 16}, 8, note="the paper's batch is 16"),
}


def main():
    """Trains what is missing, then writes the tables and the grids."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", nargs="+", default=DATA, choices=DATA)
    parser.add_argument("--models", nargs="+", help="of each data set")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--jobs", type=int, default=1, help="at once")
    parser.add_argument("--out", default="runs/benchmark", type=pathlib.Path)
    parser.add_argument("--emoji", help="a folder for each style, index.csv")
    parser.add_argument(
        "--avatars", help="a folder for each style; else those in the package"
    )
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for name in arguments.models or ():
        if name not in RECIPES:
            parser.error(f"No recipe for {name!r}, only for {list(RECIPES)}.")
    if arguments.one:
        run_one(arguments, *arguments.one)
        return 0
    if "emoji" in arguments.data and not arguments.emoji:
        parser.error("Where are the emoji? Give --emoji FOLDER, or --data.")
    models = {n: arguments.models or MODELS[n] for n in arguments.data}
    return measure_all(arguments, "classifier", models, report)


def run_one(arguments, name, model):
    """One task in this process: a data set and its classifier, or a model."""
    folder = arguments.out / name
    if model == "classifier":
        folder.mkdir(parents=True, exist_ok=True)
        data = make_data(
            name, folder / "data.npz", arguments.emoji, arguments.avatars
        )
        say(name, {key: value.shape for key, value in data.items()})
        judge, right = train_classifier(name, data)
        with written_aside(folder / "classifier.keras") as aside:
            judge.save(aside)
        result = {
            "right": right,
            "baselines": {
                task.name: baselines(task, data, judge)
                for task in tasks_of(name, data)
            },
        }
        write_json(folder / "classifier.json", result)
        say(name, "classifier is right on held-out pictures:", right)
    else:
        train_one(folder, name, model, 60 * arguments.minutes)


# Training.


def build(name, model):
    """A model and its `Recipe`, compiled with constant learning rates."""
    keras.utils.set_random_seed(SEED)
    recipe = RECIPES[model]
    model_class = kgt.zoo.find_model(model)
    arguments = {"image_size": IMAGE_SIZE} | recipe.arguments
    known = inspect.signature(model_class.__init__).parameters
    for word in ("domains", "attributes"):
        if word in known:
            arguments[word] = names_of(name)
    if "exclusive" in known:
        arguments["exclusive"] = name in STYLES
    if "seed" in known:
        arguments["seed"] = SEED
    gan = model_class(**arguments)
    gan.compile(constant_rates(gan))
    return gan, recipe


def is_labelled(gan):
    """Whether a model is told a label, and has no pair of domains."""
    return set(gan.batch) != {"a", "b"}


def takes_exemplars(gan):
    """Whether what is to change is taken from another picture (ELEGANT)."""
    return "attribute" in gan.batch


def batches(gan, name, data, batch_size, random):
    """Endless batches of a model's own form."""
    flip = "flip" in gan.augmentation
    images, labels = data["images"], data["labels"]
    if takes_exemplars(gan):
        yield from opposed_pairs(images, labels, batch_size, random)
    if is_labelled(gan):
        image, label = gan.batch
        while True:
            chosen = random.integers(len(images), size=batch_size)
            drawn = images[chosen]
            drawn = flipped(drawn, random) if flip else drawn
            yield {image: drawn, label: labels[chosen]}
    styles = [STYLES[name].index(style) for style in PAIRS[name]]
    of_style = [np.flatnonzero(labels[:, i]) for i in styles]
    while True:
        drawn = [images[random.choice(k, batch_size)] for k in of_style]
        if flip:
            drawn = [flipped(x, random) for x in drawn]
        yield dict(zip("ab", drawn))


def opposed_pairs(images, labels, batch_size, random):
    """Endless batches: a has the attribute that b has not, all by turns."""
    numbers = itertools.cycle(range(labels.shape[1]))
    has = [np.flatnonzero(column) for column in labels.T]
    lacks = [np.flatnonzero(column == 0) for column in labels.T]
    while True:
        attribute = np.array([next(numbers) for _ in range(batch_size)])
        a, b = (
            np.array([random.choice(rows[i]) for i in attribute])
            for rows in (has, lacks)
        )
        yield {
            "a": images[a],
            "b": images[b],
            "attributes_a": labels[a],
            "attributes_b": labels[b],
            "attribute": attribute.astype("int32"),
        }


def train_one(folder, name, model, seconds):
    """Trains a model for some processor time, and measures it."""
    data = load_data(folder / "data.npz")
    gan, recipe = build(name, model)

    def source(steps):
        random = np.random.default_rng([SEED, steps])
        return batches(gan, name, data, recipe.batch_size, random)

    last = folder / f"{model}.weights.h5"
    state = train(gan, source, seconds, last, f"{name} {model}")
    facts = facts_of(
        gan, recipe.arguments, recipe.batch_size, recipe.note, state
    )
    results = evaluate(folder, name, model, gan, data, recipe)
    write_json(
        folder / f"{model}.json",
        {"model": model, "data": name} | facts | results,
    )
    say(name, model, "is measured")


# Measuring.


def evaluate(folder, name, model, gan, data, recipe):
    """Measures a trained model; keeps all its translations in a file."""
    classifier = keras.saving.load_model(folder / "classifier.keras")
    results, kept = {}, {}
    for task in tasks_of(name, data):
        if not is_labelled(gan) and not asked_of_two(name, task):
            continue
        kept[task.name] = translations(gan, name, task, recipe, data)
        results[task.name] = mean_scores(kept[task.name], task, classifier)
    np.savez_compressed(folder / f"{model}.npz", **kept)
    return {"results": results}


def asked_of_two(name, task):
    """Whether models of two domains are asked, too."""
    return task.pair is None or set(task.pair) == set(PAIRS[name])


def translations(gan, name, task, recipe, data):
    """What a model makes of a task: uint8 (samples, N, H, W, 3)."""
    if not is_labelled(gan):
        direction = "ab" if task.pair == PAIRS[name] else "ba"
        if "style" not in gan.options(direction):
            return gan.translate(task.images, direction)[None]
        count = len(task.images)
        # Every picture has styles of its own.
        styles = np.arange(NUM_STYLES * count).reshape(NUM_STYLES, count)
        return np.stack(
            [
                gan.translate(task.images, direction, style=row.tolist())
                for row in styles
            ]
        )
    field = gan.field(gan.source())
    label = task.wanted - task.now if recipe.relative else task.wanted
    others = None
    if takes_exemplars(gan):
        label = np.abs(task.wanted - task.now)
        others = exemplars(data, task)
    made = []
    for i in range(0, len(task.images), 16):
        inputs = [
            field.prepare(keras.ops.convert_to_tensor(images[i : i + 16]))
            for images in (task.images, others)
            if images is not None
        ]
        inputs.append(keras.ops.convert_to_tensor(label[i : i + 16]))
        made.append(image_of(gan.translator()(inputs, training=False)))
    return field.raw(np.concatenate([np.asarray(x) for x in made]))[None]


def exemplars(data, task):
    """For each picture another one, of training, that is as it shall be."""
    random = np.random.default_rng(SEED)
    chosen = []
    for now, wanted in zip(task.now, task.wanted):
        (i,) = np.flatnonzero(now != wanted)
        fitting = np.flatnonzero(data["labels"][:, i] == wanted[i])
        chosen.append(random.choice(fitting))
    return data["images"][chosen]


# The table and the grid.

COLUMNS = {
    "style": ("style", "{:.0%}"),
    "others kept": ("others kept", "{:.0%}"),
    "psnr": ("PSNR", "{:.2f}"),
    "psnr_best": ("best of 4", "{:.2f}"),
    "ssim": ("SSIM", "{:.3f}"),
    "found": ("found", "{:.0%}"),
    "psnr_source": ("PSNR to source", "{:.1f}"),
    "psnr_untouched": ("PSNR where nothing is to change", "{:.1f}"),
    "diversity": ("diversity", "{:.1f}"),
}


def report(folder, name):
    """Writes table.md and grid.png of what is finished."""
    read = read_finished(folder, RECIPES)
    if not read:
        return
    judge = read_json(folder / "classifier.json")
    data = load_data(folder / "data.npz")
    right = ", ".join(f"{k} {share:.1%}" for k, share in judge["right"].items())
    lines = [
        f"# {name}, {IMAGE_SIZE} pixels",
        "",
        f"The classifier, on {len(data['test_images'])} pictures held out of "
        f"its training, is right: {right}.",
        "",
        *sizes_table(read),
    ]
    columns = []
    for task in tasks_of(name, data):
        results = {
            model: result["results"][task.name]
            for model, result in read.items()
            if task.name in result["results"]
        }
        if not results:
            continue
        rows = judge["baselines"][task.name] | results
        lines += ["", f"## {task.name}, {len(task.images)} pictures", ""]
        lines += scores_table(rows, COLUMNS)
        if asked_of_two(name, task):
            columns += grid_columns(folder, task, results)
    write_report(folder, lines, columns)


def grid_columns(folder, task, models):
    """A task's columns of the grid: source, every model, the truth."""
    shown = shown_rows(len(task.images), NUM_SHOWN)
    columns = [(task.name, task.images[shown])]
    for model in models:
        with np.load(folder / f"{model}.npz") as file:
            samples = file[task.name][:2, shown]
        for title, images in zip((model, "other style"), samples):
            columns.append((title, images))
    if task.truth is not None:
        columns.append(("truth", task.truth[shown]))
    return columns


if __name__ == "__main__":
    sys.exit(main())
