"""Where one answer is right: label maps to photos, pairs, and filled holes.

    python examples/benchmark_pairs.py --folder data --out runs/pairs

Models that are told what the picture shall be, on real and on drawn pictures,
against what needs no model. `--folder` holds the real ones: camvid, facades,
emoji, portraits_gray and photos (`DATA` says how each is laid out). Nothing
that is measured was trained on; of emoji whole concepts are held out, of the
photos their right-hand parts.

Every model trains for `--minutes` of processor time (`Recipe.share` of it), on
one thread, constant learning rates falling to zero in the second half. Widths
are small (`RECIPES`), and no VGG is in the losses: its weights would be a
download. The same call again goes on where an earlier one ended.

What is measured:

- PSNR and SSIM to the true picture; of filled holes PSNR within the hole
  alone, where the rest is given.
- labels: share of pixels in which a small segmenter, trained here on the real
  training pictures, finds the label map that was asked for. How it does on the
  true pictures that it has not seen stands in the row of the truth.

Against the mean of the training pictures, and the nearest training neighbour:
the picture of the example whose label map (or source, or known part) is most
like the one given. Of holes also the mean color of what is known, and
biharmonic equations as scikit-image solves them.
"""

import argparse
import dataclasses
import importlib.util
import pathlib
import sys

import keras
import numpy as np
from benchmark_data import read_emoji
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
from keras_gan_translate.metrics import psnr, ssim
from keras_gan_translate.support.files import write_text, written_aside

SEED = 0
NUM_SHOWN = 6  # rows of a grid
SEGMENTER_STEPS, SEGMENTER_BATCH = 600, 8
TILE = 96  # pixels a side of what photos are cut into
NO_VGG = {"loss_weights": {"perceptual": 0.0}}
# The colours of the label pictures of CMP Facades, as pix2pix has them.
FACADES = np.array(
    [
        (0, 0, 170),
        (0, 0, 255),
        (0, 85, 255),
        (0, 170, 255),
        (0, 255, 255),
        (85, 255, 170),
        (170, 255, 85),
        (255, 255, 0),
        (255, 170, 0),
        (255, 85, 0),
        (255, 0, 0),
        (170, 0, 0),
    ]
)


@dataclasses.dataclass(frozen=True)
class Data:
    """A data set.

    Attributes:
        kind: the function of `kgt.data` that reads it.
        source: its folder below `--folder`, or what is drawn.
        image_size: pixels a side.
        given, wanted: the keys of a batch that models are told, and shall
            make.
        held_out: the split that is measured.
        options: of the function.
        lay_out: function that writes the folder to read, from (`--folder`,
            where to), for what has no layout of its own.
    """

    kind: str
    source: str
    image_size: int
    given: tuple
    wanted: str
    held_out: str = "test"
    options: dict = dataclasses.field(default_factory=dict)
    lay_out: object = None


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How a model is built and trained here.

    Attributes:
        arguments: of its class, beside the image size and the classes.
        batch_size: of the training.
        share: of `--minutes` that it has.
        stages: (stage, share of its time), where it has stages.
        note: what else differs from the paper.
    """

    arguments: dict
    batch_size: int
    share: float = 1.0
    stages: tuple = ((None, 1.0),)
    note: str = ""


def write_splits(folder, pictures):
    """Writes pictures, {split: {name: image}}, as a folder of splits."""
    for split, named in pictures.items():
        for name, image in named.items():
            kgt.data.write_image(folder / split / f"{name}.png", image)


def lay_out_emoji(folder, out):
    """Noto and Twemoji of one name, whole concepts held out."""
    parts = zip(("train", "test"), read_emoji(folder / "emoji"))
    for split, (noto, twemoji, *_) in parts:
        for domain, images in (("A", noto), ("B", twemoji)):
            named = {f"{i:04}": image for i, image in enumerate(images)}
            write_splits(out, {f"{split}{domain}": named})


def lay_out_portraits(folder, out):
    """Every tenth portrait is held out."""
    parts = {"train": {}, "test": {}}
    files = kgt.data.list_images(folder / "portraits_gray")
    for i, path in enumerate(files):
        split = "test" if i % 10 == 9 else "train"
        parts[split][path.stem] = kgt.data.read_image(path)
    write_splits(out, parts)


def lay_out_photos(folder, out):
    """Tiles of photos: the right-hand three tenths of each are held out."""
    parts = {"train": {}, "test": {}}
    for path in kgt.data.list_images(folder / "photos_cc0"):
        image = kgt.data.read_image(path)
        border = image.shape[1] * 7 // 10
        for split, half, step in (
            ("train", image[:, :border], TILE // 4),
            ("test", image[:, border:], TILE),
        ):
            for y in range(0, half.shape[0] - TILE + 1, step):
                for x in range(0, half.shape[1] - TILE + 1, step):
                    tile = half[y : y + TILE, x : x + TILE]
                    parts[split][f"{path.stem}_{y}_{x}"] = tile
    write_splits(out, parts)


LABELS = {"given": ("label_map",), "wanted": "image"}
PAIR = {"given": ("a",), "wanted": "b"}
HOLE = {"given": ("image", "mask"), "wanted": "image"}
DATA = {
    # {train,val}/{labels,images} of equal names
    "camvid": Data("semantic", "camvid", 96, **LABELS, held_out="val"),
    "scenes": Data("semantic", "drawn:scenes:600", 96, **LABELS),
    # {train,test}/*.jpg, the photo on the left and its labels on the right
    "facades": Data(
        "paired", "facades", 128, **PAIR, options={"direction": "ba"}
    ),
    # noto/ and twemoji/ of equal names, and index.csv
    "emoji": Data("paired", "", 64, **PAIR, lay_out=lay_out_emoji),
    # *.jpg; and the same with the middle missing
    "portraits": Data("masked", "", 64, **HOLE, lay_out=lay_out_portraits),
    "portraits_centre": Data(
        "masked",
        "",
        64,
        **HOLE,
        options={"holes": "centre"},
        lay_out=lay_out_portraits,
    ),
    "faces": Data("masked", "drawn:faces:1000", 64, **HOLE),
    # photos_cc0/*.jpg
    "photos": Data("masked", "", 64, **HOLE, lay_out=lay_out_photos),
}
SPADE = Recipe(
    {"filters": 16, "hidden_filters": 32, "style_size": 0} | NO_VGG,
    4,
    note="no style; the paper's batch is 32",
)
PIX2PIXHD = Recipe({"filters": 16, "num_downs": 3, "num_blocks": 4} | NO_VGG, 1)
DEEPFILLV2 = Recipe({"filters": 24, "discriminator_filters": 16}, 8, 0.75)
PENNET = Recipe({"filters": 16, "discriminator_filters": 16}, 8, 0.75)
EDGECONNECT = Recipe(
    {
        "filters": 16,
        "num_blocks": 4,
        "sigma": 1.0,
        "loss_weights": {"perceptual": 0.0, "style": 0.0},
    },
    8,
    0.75,
    stages=(("edge", 0.4), ("predicted", 0.6)),
    note="edges first, for two fifths of the time",
)
RECIPES = {
    "camvid": {"spade": SPADE, "pix2pixhd": PIX2PIXHD},
    "scenes": {"spade": SPADE, "pix2pixhd": PIX2PIXHD},
    "facades": {"pix2pix": Recipe({"filters": 32}, 1)},
    "emoji": {
        "pixeldtgan": Recipe(
            {"filters": 32}, 32, note="the paper's batch is 128"
        )
    },
    "portraits": {
        "deepfillv2": DEEPFILLV2,
        "edgeconnect": EDGECONNECT,
        "pennet": PENNET,
    },
    "portraits_centre": {
        "contextencoder": Recipe(
            {"filters": 32, "bottleneck_filters": 1000},
            16,
            note="the paper's batch is 64",
        ),
        "deepfillv1": Recipe({"filters": 16, "critic_filters": 16}, 8, 0.75),
    },
    "faces": {
        "deepfillv2": DEEPFILLV2,
        "edgeconnect": EDGECONNECT,
        "pennet": PENNET,
    },
    "photos": {"deepfillv2": DEEPFILLV2},
}


def main():
    """Trains what is missing, then writes the tables and the grids."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--data", nargs="+", default=DATA, choices=DATA)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--jobs", type=int, default=1, help="at once")
    parser.add_argument("--out", default="runs/pairs", type=pathlib.Path)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    holes = [name for name in arguments.data if DATA[name].kind == "masked"]
    if holes and not importlib.util.find_spec("skimage"):
        parser.error(
            f"Filled holes ({', '.join(holes)}) are compared with those of "
            "scikit-image, which is not installed: pip install scikit-image, "
            "or choose others by --data."
        )
    if arguments.one:
        run_one(arguments, *arguments.one)
        return 0
    return measure_all(arguments, "judge", RECIPES, report)


def run_one(arguments, name, model):
    """One task in this process: what needs no model, or a training."""
    folder = arguments.out / name
    if model == "judge":
        lay_out(arguments.folder, folder, DATA[name])
        measure_baselines(arguments.folder, folder, name)
    else:
        train_one(arguments.folder, folder, name, model, 60 * arguments.minutes)


# The data.


def lay_out(root, folder, data):
    """Makes the folder that is read, where there is none yet."""
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "data" / "complete"
    if data.lay_out and not done.exists():
        data.lay_out(root, folder / "data")
        write_text(done, "")


def open_split(root, folder, data, split, **options):
    """A data set as `fit` takes it."""
    source = data.source
    if data.lay_out:
        source = folder / "data"
    elif not source.startswith("drawn:"):
        source = root / source
    return kgt.data.open_dataset(
        source,
        data.kind,
        image_size=data.image_size,
        split=split,
        seed=SEED,
        **data.options | options,
    )


def arrays_of(root, folder, data, split):
    """A split as it is, {key: array of everything}, raw."""
    batches = open_split(
        root, folder, data, split, batch_size=16, augment=False, shuffle=False
    )
    rows = [{k: np.asarray(v) for k, v in batch.items()} for batch in batches]
    whole = {key: np.concatenate([row[key] for row in rows]) for key in rows[0]}
    return {
        key: kgt.data.to_uint8(value) if value.dtype.kind == "f" else value
        for key, value in whole.items()
    }


def labels_of(data, arrays):
    """Label maps (N, H, W), or None where the data have none."""
    if data.kind == "semantic":
        return arrays["label_map"][..., 0]
    if data.source != "facades":
        return None
    colours = arrays["a"][..., None, :].astype("int32") - FACADES
    return np.abs(colours).sum(-1).argmin(-1).astype("uint8")


def picture_of(data, arrays):
    """What models are told, as pictures (N, H, W, 3): holes are gray."""
    first = arrays[data.given[0]]
    if data.kind == "masked":
        return np.where(arrays["mask"] == 0, first, 128).astype("uint8")
    if data.kind == "semantic":
        names = tuple(map(str, range(256)))[: int(first.max()) + 1]
        return kgt.fields.LabelMap(classes=names).colours()[first[..., 0]]
    return first


# Training.


def build(root, folder, name, model):
    """A model and its `Recipe`, not compiled."""
    keras.utils.set_random_seed(SEED)
    data, recipe = DATA[name], RECIPES[name][model]
    arguments = {"image_size": data.image_size} | recipe.arguments
    if data.kind == "semantic":
        labels = arrays_of(root, folder, data, "train")["label_map"]
        arguments["classes"] = tuple(map(str, range(labels.max() + 1)))
        arguments["instances"] = "instances" in data.given
    return kgt.zoo.find_model(model)(**arguments), recipe


def train_one(root, folder, name, model, seconds):
    """Trains a model for some processor time, and measures it."""
    data = DATA[name]
    gan, recipe = build(root, folder, name, model)
    dataset = open_split(
        root, folder, data, "train", batch_size=recipe.batch_size
    )
    keys = set(gan.batch)

    def source(steps):
        kgt.data.resume_at(steps // len(dataset))
        while True:
            for batch in dataset:
                yield {key: batch[key] for key in batch if key in keys}

    total = {"seconds": 0.0, "steps": 0}
    for stage, share in recipe.stages:
        gan.compile(constant_rates(gan), **({"stage": stage} if stage else {}))
        last = folder / f"{model}{stage or ''}.weights.h5"
        seconds_here = seconds * recipe.share * share
        state = train(gan, source, seconds_here, last, f"{name} {model}")
        total = {key: total[key] + state[key] for key in total}
    test = arrays_of(root, folder, data, data.held_out)
    made = translate(gan, data, test)
    with written_aside(folder / f"{model}.npz") as aside:
        np.savez_compressed(aside, made=made)
    facts = facts_of(
        gan, recipe.arguments, recipe.batch_size, recipe.note, total
    )
    judge = load_judge(folder)
    scores = {"scores": score(data, made, test, judge)}
    write_json(folder / f"{model}.json", {"model": model} | facts | scores)
    say(name, model, scores)


def translate(gan, data, test):
    """What a model makes of everything held out, uint8 (N, H, W, 3)."""
    first, *others = data.given
    options = {key: list(test[key][..., 0]) for key in others}
    return gan.translate(test[first], **options)


# Measuring.


def measure_baselines(root, folder, name):
    """Trains the segmenter, and measures what needs no model."""
    data = DATA[name]
    train, test = (
        arrays_of(root, folder, data, split)
        for split in ("train", data.held_out)
    )
    judge = None
    if labels_of(data, train) is not None:
        judge = train_segmenter(name, data, train)
        with written_aside(folder / "judge.keras") as aside:
            judge.save(aside)
    made = baselines(data, train, test)
    with written_aside(folder / "baselines.npz") as aside:
        np.savez_compressed(aside, **made)
    scores = {k: score(data, images, test, judge) for k, images in made.items()}
    if judge is not None:
        # Of the truth only what the segmenter says of it.
        truth = score(data, test[data.wanted], test, judge)
        scores["the truth"] = {"labels": truth["labels"]}
    result = {
        "scores": scores,
        "train": len(train[data.wanted]),
        "test": len(test[data.wanted]),
    }
    rows = shown_rows(result["test"], NUM_SHOWN)
    with written_aside(folder / "shown.npz") as aside:
        np.savez_compressed(
            aside,
            rows=rows,
            given=picture_of(data, {k: v[rows] for k, v in test.items()}),
            truth=test[data.wanted][rows],
        )
    write_json(folder / "judge.json", result)
    say(name, result)


def load_judge(folder):
    """The segmenter, or None."""
    path = folder / "judge.keras"
    return keras.saving.load_model(path) if path.exists() else None


def baselines(data, train, test):
    """{title: pictures} of what needs no model."""
    truth = test[data.wanted]
    mean = train[data.wanted].mean(0)
    near = train[data.wanted][neighbours(data, train, test)]
    made = {"mean image": np.broadcast_to(mean, truth.shape), "neighbour": near}
    if data.kind == "masked":
        known = test["mask"] == 0
        color = (truth * known).sum((1, 2)) / known.sum((1, 2))
        made = {
            "mean color": np.broadcast_to(color[:, None, None], truth.shape),
            **made,
            "biharmonic": np.stack(
                [biharmonic(*pair) for pair in zip(truth, test["mask"])]
            ),
        }
        made = {k: np.where(known, truth, v) for k, v in made.items()}
    return {k: np.rint(v).clip(0, 255).astype("uint8") for k, v in made.items()}


def biharmonic(image, mask):
    """A hole filled by biharmonic equations, in 0..255."""
    from skimage.restoration import inpaint_biharmonic

    hole = mask[..., 0] > 0
    return 255 * inpaint_biharmonic(image / 255, hole, channel_axis=-1)


def neighbours(data, train, test):
    """Rows of the training examples whose given parts are most alike."""
    key = data.given[0]
    if data.kind == "semantic":
        return np.array(
            [(train[key] != one).mean((1, 2, 3)).argmin() for one in test[key]]
        )
    other = train[key].reshape(len(train[key]), -1).astype("float32")
    chosen = []
    for i, image in enumerate(test[key]):
        error = np.square(other - image.reshape(-1))
        if "mask" in data.given:
            known = np.broadcast_to(test["mask"][i] == 0, image.shape)
            error = error[:, known.reshape(-1)]
        chosen.append(error.mean(1).argmin())
    return np.array(chosen)


def score(data, images, test, judge):
    """Mean PSNR, SSIM, and share of labels that a segmenter finds."""
    truth = test[data.wanted]
    result = {"ssim": ssim(images, truth).mean()}
    if data.kind == "masked":
        result["psnr"] = psnr_inside(images, truth, test["mask"]).mean()
    else:
        result["psnr"] = np.minimum(psnr(images, truth), 60).mean()
    if judge is not None:
        seen = judge.predict(images, 8, verbose=0).argmax(-1)
        result["labels"] = (seen == labels_of(data, test)).mean()
    return {key: float(value) for key, value in result.items()}


def psnr_inside(images, truth, masks):
    """PSNR of the pixels that are missing, in dB, (N,)."""
    hole = masks[..., 0] > 0
    error = np.square(images.astype("float64") - truth).mean(-1)
    error = (error * hole).sum((1, 2)) / hole.sum((1, 2))
    return 10 * np.log10(255**2 / np.maximum(error, 255**2 * 1e-6))


def train_segmenter(name, data, arrays):
    """A small network from pictures in 0..255 to the logits of classes."""
    keras.utils.set_random_seed(SEED)
    random = np.random.default_rng(SEED)
    images, labels = arrays[data.wanted], labels_of(data, arrays)
    size = data.image_size
    x = image = keras.Input((size, size, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1)(x)
    skips = []
    for filters in (16, 32, 64, 96):
        x = _block(x, filters)
        skips.append(x)
        x = keras.layers.MaxPooling2D()(x)
    x = _block(x, 96)
    for skip in skips[::-1]:
        x = keras.layers.UpSampling2D()(x)
        x = keras.layers.Concatenate()([x, skip])
        x = _block(x, skip.shape[-1])
    count = int(labels.max()) + 1
    model = keras.Model(image, keras.layers.Conv2D(count, 1)(x))
    model.compile(
        keras.optimizers.Adam(1e-3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    for step in range(SEGMENTER_STEPS):
        model.optimizer.learning_rate = 1e-3 * (1 - step / SEGMENTER_STEPS)
        chosen = random.integers(len(images), size=SEGMENTER_BATCH)
        x, y = images[chosen].astype("float32"), labels[chosen]
        if random.random() < 0.5:
            x, y = x[:, :, ::-1], y[:, :, ::-1]
        # Noise, so that no invisible pattern makes a label.
        noise = random.normal(scale=random.uniform(0, 12), size=x.shape)
        model.train_on_batch(x + noise, y.astype("int32"))
        if step % 200 == 0:
            say(name, f"segmenter: {step}/{SEGMENTER_STEPS}")
    return model


def _block(x, filters):
    x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    return keras.layers.ReLU()(keras.layers.BatchNormalization()(x))


# The table and the grid.

COLUMNS = {
    "psnr": ("PSNR", "{:.2f}"),
    "ssim": ("SSIM", "{:.3f}"),
    "labels": ("labels", "{:.1%}"),
}


def report(folder, name):
    """Writes table.md and grid.png of what is finished."""
    read = read_finished(folder, RECIPES[name])
    if not read:
        return
    judged = read_json(folder / "judge.json")
    data = DATA[name]
    rows = judged["scores"] | {k: r["scores"] for k, r in read.items()}
    if "the truth" in rows:  # comes last
        rows["the truth"] = rows.pop("the truth")
    lines = [
        f"# {name}, {data.image_size} pixels, {judged['train']} for training, "
        f"{judged['test']} held out",
        "",
        *sizes_table(read),
        "",
        *scores_table(rows, COLUMNS),
    ]
    with np.load(folder / "baselines.npz") as file:
        made = dict(file)
    for model in read:
        with np.load(folder / f"{model}.npz") as file:
            made[model] = file["made"]
    shown = np.load(folder / "shown.npz")
    columns = [("given", shown["given"])]
    rows = shown["rows"]
    columns += [(title, images[rows]) for title, images in made.items()]
    columns += [("truth", shown["truth"])]
    write_report(folder, lines, columns)


if __name__ == "__main__":
    sys.exit(main())
