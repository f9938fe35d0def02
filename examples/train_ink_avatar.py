"""A long training on portraits and avatars: a photo in, an ink avatar out.

python examples/train_ink_avatar.py --data DATA --out runs/ink_avatar

DATA has the folders portraits_gray, photos of one face each; avatars/lorelei,
pictures of 128 pixels of the design Lorelei and their attributes.csv; and
portraits_color, photos of a face that the exported pictures may show. The same
command again goes on where a killed training stopped, at most ten minutes
before; `--minutes` ends it earlier. `--export saved_models/ink_avatar` writes
what was learned as a preset with its exports, and trains no more. Needs the
extra `faces`.
"""

import argparse
import json
import pathlib

import keras
import numpy as np
from ink_avatar_data import NUM_HELD_OUT, Material, jitter
from staged_training import (
    export_direction,
    keep_best,
    read_best,
    read_state,
    train_stages,
    write_picture,
)

import keras_gan_translate as kgt
from keras_gan_translate.fields import Image
from keras_gan_translate.support.files import write_text
from keras_gan_translate.support.pictures import draw_grid

MODEL = {"filters": 16, "num_blocks": 2}
IMAGE_SIZE = 96  # an avatar's face has no more than 103 in its file
# A heavy identity loss would keep a portrait's grays; with half of this cycle
# loss avatars were more alike.
STAGES = (
    {
        "until": 5_438,  # steps, all stages together
        "image_size": 64,
        "batch_size": 1,
        "learning_rate": (7e-4, 5e-4),
        "ema_momentum": 0.998,
    },
    {
        "until": 8_000,
        "image_size": IMAGE_SIZE,
        "batch_size": 1,
        "learning_rate": (5e-4, 5e-5),
        "ema_momentum": 0.998,
    },
    {
        "until": 8_800,
        "image_size": IMAGE_SIZE,
        "batch_size": 1,
        "learning_rate": (3e-4, 0.0),
        "ema_momentum": 0.998,
    },
)
LOSS_WEIGHTS = {"adversarial": 1.0, "cycle": 10.0, "identity": 5.0, "cam": 10.0}
# What a gray picture has of red, green and blue (ITU-R BT.601), as the
# portraits were made gray.
LUMA = np.array([0.299, 0.587, 0.114], "float32")


def main():
    """Trains, or exports what is trained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--out", type=pathlib.Path, default="runs/ink_avatar")
    parser.add_argument("--export", type=pathlib.Path, metavar="FOLDER")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    material = Material(arguments.data, arguments.out)
    if arguments.export:
        shown = arguments.data / "portraits_color"
        export(arguments.out, arguments.export, material, shown)
    else:
        train(arguments.out, 60 * arguments.minutes, material)


def train(out, seconds, material):
    """Trains all stages, or for a time by the clock.

    Beside what `train_stages` writes, these are sample-PIXELS-STEPS.png, and
    best_ab.keras and best_ba.keras, the averaged generators whose avatars of
    held-out portraits are nearest to held-out avatars, at the full size.

    Args:
        out: folder, made if absent.
        seconds: wall-clock time of this call.
        material: `Material`.
    """
    steps = read_state(out)["steps"]
    keras.utils.set_random_seed(steps)
    model = make_gray(kgt.UGATIT(STAGES[0]["image_size"], **MODEL))

    def evaluate(model, held_out, state):
        photos, avatars = held_out
        translated = three_channels(model.translate(photos))
        distance, _ = material.judge(avatars, translated)
        size = photos.shape[1]
        figures = {"distance": distance}
        if size == IMAGE_SIZE and distance < state.get("least", np.inf):
            state["least"] = distance
            keep_best(model, out, state, figures)
        few = slice(20)
        back = model.translate(translated[few], direction="ba")
        to_photos = model.translate(avatars[few], direction="ba")
        grid = draw_grid(
            [
                (title, three_channels(images[first : first + 10]))
                for first in (0, 10)
                for title, images in (
                    ("photo", photos),
                    ("translated", translated),
                    ("back", back),
                    ("avatar", avatars),
                    ("to photo", to_photos),
                )
            ]
        )
        name = f"sample-{size}-{state['steps']:05d}.png"
        kgt.data.write_image(out / name, grid)
        return figures

    random = np.random.default_rng(steps)
    train_stages(
        model, STAGES, LOSS_WEIGHTS, out, seconds, material, evaluate, random
    )


def make_gray(model):
    """Gives a model networks of one channel.

    They are faster, and have no colour to unlearn. `coloured` makes networks
    for RGB of them.

    Args:
        model: `UGATIT`, is changed.

    Returns:
        The model.
    """
    model.batch = {name: Image(channels=1) for name in model.batch}
    for player, names in model.players.items():
        for name in names:
            network = getattr(model, name)
            config = network.get_config()
            for layer in config["layers"]:
                layer.pop("build_config", None)  # knows three channels
                if layer["class_name"] == "InputLayer":
                    layer["config"]["batch_shape"] = (None, None, None, 1)
                if player == "generator" and layer["name"] == "head_conv":
                    layer["config"]["filters"] = 1
            delattr(model, name)
            setattr(model, name, type(network).from_config(config))
    return model


def coloured(weights):
    """A gray generator's weights, for one that takes and gives RGB.

    It translates a coloured picture as the gray one translates its luma, and
    gives three channels that are alike.

    Args:
        weights: list of arrays, the first convolution's kernel first and the
            last one's at the end.

    Returns:
        List of arrays.
    """
    first, *others, last = weights
    first = first * LUMA[:, None]  # (height, width, 1, filters)
    return [first, *others, np.repeat(last, 3, axis=-1)]


def three_channels(images):
    """Gray images as RGB."""
    return np.repeat(images[..., :1], 3, axis=-1)


def export(out, folder, material, shown):
    """Writes the best generator as a preset, measured on what was held out.

    Only the way to avatars: the way back is to nobody. Beside the preset's
    files lie an export in ab/ and results.json; ink_avatar.png and
    ink_avatars.png come into the training's folder.

    Args:
        out: folder of the training.
        folder: where to write; made if absent. An earlier preset is replaced.
        material: `Material`.
        shown: folder of photos that the pictures may show.
    """
    best, weights = read_best(out)
    model = kgt.UGATIT(IMAGE_SIZE, **MODEL)
    model.translator("ab").set_weights(coloured(weights["ab"]))
    model.translators = {"ab": model.translators["ab"]}
    # The weights are rounded first, so that all files hold the same numbers.
    model.save_to_preset(folder, "float16")
    model = kgt.UGATIT.from_preset(folder)
    photos, avatars = material.held_out(IMAGE_SIZE)
    translated = model.translate(photos)
    random = np.random.default_rng(2)
    others = random.choice(len(material.avatars), NUM_HELD_OUT, p=material.odds)
    others = [jitter(material.avatars[i], IMAGE_SIZE, random) for i in others]
    results = {"steps": best["steps"], "minutes": best["seconds"] / 60}
    results["kernel_distance"] = {
        name: material.judge(avatars, images)
        for name, images in {
            "doing nothing": photos,
            "trained": translated,
            "other true avatars": np.stack(others),
        }.items()
    }
    print(json.dumps(results, indent=2))
    write_text(folder / "results.json", json.dumps(results, indent=2) + "\n")
    (drawn,) = kgt.data.synthetic_faces(16, IMAGE_SIZE, styles=("photo",))
    export_direction(
        model,
        "ab",
        folder,
        drawn,
        name="ink-avatar-ab",
        origin="drawn faces, since portraits of people are not passed on",
        licence="CC0 1.0 (Lorelei), public domain (portraits)",
        training={
            "config": {
                "model": "ugatit",
                **MODEL,
                "image_size": IMAGE_SIZE,
                "loss_weights": LOSS_WEIGHTS,
                "stages": json.dumps(STAGES),
                "steps": results["steps"],
                "minutes": round(results["minutes"]),
            },
            "results": [{"epoch": 1, "distance": best["distance"]}],
        },
    )
    command = "python examples/train_ink_avatar.py --data data --out "
    command += "runs/ink_avatar"
    model.save_to_preset(
        folder,
        "float16",
        {
            "description": "Portraits become ink avatars in the style of "
            "Lorelei.",
            "licence": "apache-2.0",
            "attribution": "Lorelei by Lisa Wischofsky, CC0 1.0, drawn with "
            "DiceBear.",
            "prepare": "kgt prepare faces selfies/ --out faces/ "
            f"--image-size {IMAGE_SIZE} --largest",
            "data": f"{len(material.photos)} gray portraits of members of the "
            "US Congress, official photos in the public domain; "
            f"{len(material.avatars)} avatars of the design Lorelei by Lisa "
            "Wischofsky, CC0 1.0. Neither comes with the weights.",
            "command": [command, f"{command} --export saved_models/ink_avatar"],
            "results": {
                "steps": best["steps"],
                "on": f"{NUM_HELD_OUT} portraits and as many avatars that "
                "were held out",
                "kernel distance to avatars (avatars' attributes), and its "
                "standard deviation": ", ".join(
                    f"{name} {value:.3f} +- {deviation:.3f}"
                    for name, (value, deviation) in results[
                        "kernel_distance"
                    ].items()
                ),
            },
            "limits": [
                "It needs a face alone, cut out as `kgt.data.align_face` does "
                "it, that looks at the camera or to the right of the picture: "
                "mirror the others.",
                "It draws an avatar that resembles the portrait in hair and "
                "outline, not a likeness. It has seen members of the US "
                "Congress: few young faces, few dark skins, little long hair.",
            ],
        },
    )
    draw_pictures(model, translated, shown, out)


def draw_pictures(model, avatars, folder, out):
    """Draws what documents show: ink_avatar.png and ink_avatars.png.

    Args:
        model: the preset.
        avatars: of held-out portraits, which are not shown themselves.
        folder: of photos that may be shown, with one face each.
        out: folder of the pictures.
    """
    size = 2 * IMAGE_SIZE
    columns = []
    for path in sorted(folder.glob("*.jpg")):
        photo = kgt.data.read_image(path)
        face = kgt.data.find_faces(photo)[0]
        ink = model.translate(kgt.data.align_face(photo, face, IMAGE_SIZE))
        columns += [
            ("photo", [kgt.data.align_face(photo, face, size)]),
            ("ink", [kgt.data.resize_image(ink, size)]),
        ]
    titles = ["of six portraits never seen", "", "", "", "", ""]
    columns += [
        (title, [kgt.data.resize_image(ink, size)])
        for title, ink in zip(titles, avatars)
    ]
    write_picture(out / "ink_avatar.png", draw_grid(columns))
    columns = [("", avatars[i : i + 4]) for i in range(0, NUM_HELD_OUT, 4)]
    write_picture(out / "ink_avatars.png", draw_grid(columns))


if __name__ == "__main__":
    main()
