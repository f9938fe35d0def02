"""Draws one page of the drawn world: faces, persons, scenes and avatars.

python examples/drawn_world.py --out drawn_world.png
"""

import argparse

import numpy as np
from PIL import Image, ImageDraw

from keras_gan_translate import data
from keras_gan_translate.data.drawn.avatars import STYLES
from keras_gan_translate.data.drawn.face import draw_face, same_person, turned
from keras_gan_translate.data.drawn.face_landmarks import landmarks
from keras_gan_translate.data.drawn.face_styles import (
    FACE_STYLES,
    draw,
    draw_styles,
)
from keras_gan_translate.data.drawn.face_truth import (
    PARSING_PALETTE,
    parsing_map,
)
from keras_gan_translate.data.drawn.scenes import SCENE_PALETTE

# Which of OpenPose's points are joined by a bone.
BONES = ((1, 2), (2, 3), (3, 4), (1, 5), (5, 6), (6, 7), (1, 8), (8, 9))
BONES += ((9, 10), (1, 11), (11, 12), (12, 13), (1, 0), (0, 14), (0, 15))
BONES += ((14, 16), (15, 17))
SIDE = 160  # pixels of a cell
# One lot of a face changed at a time.
CHANGES = (
    {"glasses": True},
    {"beard": "full"},
    {"hat": "beanie"},
    {"hair": "red"},
    {"skin": 4.0},
    {"smile": 1.0, "open": 0.7},
)


def palette(count):
    """Colours that differ, the first one black."""
    turns = np.arange(count)[:, None] * 0.381966 + [0, 1 / 3, 2 / 3]
    colors = 140 + 110 * np.cos(2 * np.pi * turns)
    colors[0] = 0
    return colors.astype("uint8")


def bones(points, side):
    """Key points as a picture: what a pose says and no more."""
    image = Image.new("RGB", (side, side))
    pen = ImageDraw.Draw(image)
    colors = palette(len(BONES) + 1)
    for (a, b), color in zip(BONES, colors[1:]):
        line = points[[a, b]]
        if not np.isnan(line).any():
            pen.line(line.ravel().tolist(), tuple(color.tolist()), 3)
    for x, y in points[~np.isnan(points[:, 0])]:
        pen.ellipse([x - 2, y - 2, x + 2, y + 2], fill="white")
    return np.array(image)


def marked(face, side):
    """The classes of a face's pixels, and its landmarks."""
    image = Image.fromarray(PARSING_PALETTE[parsing_map(face, side)])
    pen = ImageDraw.Draw(image)
    for x, y in landmarks(face, size=side):
        pen.rectangle([x - 1, y - 1, x, y], fill="white")
    return np.array(image)


def six(images, width):
    """Six pictures side by side, and white up to the width."""
    filled = row(images)
    return np.pad(
        filled,
        [(0, 0), (0, width - filled.shape[1]), (0, 0)],
        constant_values=255,
    )


def row(images):
    """Pictures side by side."""
    return np.concatenate(list(images), axis=1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="drawn_world.png")
    parser.add_argument("--face", type=int, default=35, help="number")
    parser.add_argument("--start", type=int, default=40, help="first person")
    parser.add_argument("--side", type=int, default=SIDE, help="pixels")
    arguments = parser.parse_args()
    side = arguments.side

    face, cell = draw_face(arguments.face, extras=False), 5 * side // 6
    cells = [turned(face, -35), turned(face, 35)]
    cells = [draw(one, cell) for one in cells] + [marked(face, cell)]
    cells += [draw(same_person(face, k), cell) for k in (1, 2, 3)]
    changes = [draw(face.changed(**lots), cell) for lots in CHANGES]
    rows = [
        six(images, 5 * side)
        for images in (draw_styles(face, cell, FACE_STYLES), changes, cells)
    ]

    persons = data.draw_persons(2, side, start=arguments.start)
    cells = []
    for i in range(2):
        cells += [persons["image"][i], persons["posed"][i]]
        cells.append(bones(persons["posed_points"][i], side))
        cells += [palette(17)[persons["posed_parsing"][i]]]
        cells.append(persons["garment"][i])
    rows += [row(cells[:5]), row(cells[5:])]

    scenes = data.draw_scenes(5, side, start=2)
    rows.append(row(SCENE_PALETTE[scenes["label"]]))
    rows.append(row(palette(40)[scenes["instance"]]))
    rows.append(row(scenes["image"]))

    small = side // 2
    for style in STYLES:
        portraits, _ = data.avatars(style, 10, image_size=small)
        rows.append(row(portraits))
    data.write_image(arguments.out, np.concatenate(rows))
    for caption in persons["caption"] + scenes["caption"]:
        print(caption)
