"""What a student has of its teacher, and what it costs on a phone: a table.

python examples/measure_students.py drawn_toon runs/small --out students
python examples/measure_students.py hayao/ runs/small photos/ --out students

Teacher and student are exported to int8 LiteRT and measured as they come out
of these files, on drawn faces that nobody has seen, whose true toons are
known, or on PHOTOS: size, multiply-adds, milliseconds for a picture, PSNR to
the picture of the teacher in Keras and to the truth, style accuracy, flicker.
Writes students.md, students.json and students.png.
"""

import argparse
import json
import pathlib
import platform

import numpy as np

import keras_gan_translate as kgt
from keras_gan_translate.data.drawn.face import draw_face
from keras_gan_translate.data.drawn.face_clips import clip
from keras_gan_translate.data.images import list_images
from keras_gan_translate.export.artefacts import open_artefact
from keras_gan_translate.export.operators import multiply_adds, read_graph
from keras_gan_translate.metrics import psnr, style_accuracy
from keras_gan_translate.metrics.flicker import flicker
from keras_gan_translate.support.files import write_text
from keras_gan_translate.support.pictures import draw_grid

UNSEEN, CALIBRATION = 20_000_000, 30_000_000  # first faces
NUM_IMAGES, NUM_REAL = 64, 200
FRAMES = 24
THREADS = (1, 2)
COLUMNS = {
    "": "name",
    "int8, MB": "size",
    "multiply-adds, G": "operations",
    "ms, 1 thread": "ms_1",
    "ms, 2 threads": "ms_2",
    "PSNR to the teacher, dB": "to_teacher",
    "to the truth, dB": "to_truth",
    "style accuracy": "style",
    "flicker": "flicker",
}


def main():
    """Measures both, and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("teacher", help="run, preset, file or weights")
    parser.add_argument("student", help="run that `distill` wrote")
    parser.add_argument("photos", nargs="?", help="folder; drawn faces if none")
    parser.add_argument("--image-size", type=int)
    parser.add_argument("--images", type=int, default=NUM_IMAGES)
    parser.add_argument("--out", default="students")
    arguments = parser.parse_args()
    out = pathlib.Path(arguments.out)
    models = {
        "teacher": kgt.load(arguments.teacher),
        "student": kgt.load(arguments.student),
    }
    size = arguments.image_size or models["student"].image_size
    images, truth = open_images(arguments.photos, size, arguments.images)
    taught = models["teacher"].translate(images)
    shown = {"photo": images, "teacher": taught}
    if truth is not None:
        shown["truth"] = truth
    rows = []
    for name, model in models.items():
        row, artefact = export(model, out / name, size, arguments.photos)
        made = np.stack([artefact.translate(image) for image in images])
        shown[f"{name}, int8"] = made
        row |= {"name": name, "to_teacher": mean_psnr(made, taught)}
        if truth is not None:
            row["to_truth"] = mean_psnr(made, truth)
            row["style"] = share_of_toons(made)
        row["flicker"] = flicker_of(artefact.translate, size)
        rows.append(row)
        print(json.dumps(row), flush=True)
    grid = draw_grid(
        [(title, pictures[:8]) for title, pictures in shown.items()]
    )
    kgt.data.write_image(out / "students.png", grid)
    facts = {"image_size": size, "images": len(images), "rows": rows}
    facts["flicker of the photos"] = flicker_of(np.asarray, size)
    facts["machine"] = f"{platform.machine()}, {platform.system()}"
    write_text(out / "students.json", json.dumps(facts, indent=2) + "\n")
    write_text(out / "students.md", format_rows(rows))
    print(format_rows(rows))


def open_images(folder, size, count):
    """Images to measure on, and what they become at best if it is known.

    Args:
        folder: of photos; faces are drawn if None.
        size: pixels.
        count: of images, at most.

    Returns:
        (uint8 array (N, size, size, 3), the same or None)
    """
    if folder is None:
        return kgt.data.synthetic_faces(count, size, start=UNSEEN)
    files = list_images(folder)[:count]
    photos = [
        kgt.data.resize_image(kgt.data.read_image(file), size) for file in files
    ]
    return np.stack(photos), None


def export(model, folder, size, photos):
    """An int8 file of a translator, timed; opened as LiteRT opens it.

    Returns:
        (dict of `size` in MB, `operations` in G, `ms_1` and `ms_2`, the
        `Artefact`)
    """
    if photos is None:
        (images,) = kgt.data.synthetic_faces(
            32, size, start=CALIBRATION, styles=("photo",)
        )
    else:
        images, _ = open_images(photos, size, 32)
    (row,) = model.export_translator(
        folder,
        formats=("litert",),
        precisions=("int8",),
        image_size=size,
        images=list(images),
        bounds={"int8": 0.0},  # measured, not judged
        threads=THREADS,
    )
    path = folder / row["artefact"]
    latency = {f"ms_{n}": row["latency_ms"][str(n)] for n in THREADS}
    operations = multiply_adds(read_graph(path).operators)
    facts = {"size": row["size"] / 1e6, "operations": operations / 1e9}
    return facts | latency, open_artefact(path, threads=2)


def mean_psnr(made, truth):
    """In dB, over images."""
    return float(np.mean(psnr(made, truth)))


def share_of_toons(made):
    """How many lie among true toons, by features of random weights."""
    real = kgt.data.synthetic_faces(NUM_REAL, made.shape[1])
    features = kgt.metrics.open_features("random")
    is_toon, _ = style_accuracy(*(features(x) for x in (made, *real)))
    return float(is_toon.mean())


def flicker_of(translate, size):
    """Of a drawn face that turns, along its true motion, in steps of 255."""
    frames, flow, visible = clip(draw_face(UNSEEN), "turn", FRAMES, size)
    made = np.stack([translate(frame) for frame in frames])
    return flicker(made, flow=flow, visible=visible)


def format_rows(rows):
    """The table in Markdown."""
    lines = [
        f"| {' | '.join(COLUMNS)} |",
        "|---" * len(COLUMNS) + "|",
    ]
    for row in rows:
        cells = [row.get(key) for key in COLUMNS.values()]
        cells = [f"{x:.3g}" if isinstance(x, float) else x for x in cells]
        lines.append(f"| {' | '.join(str(x or '') for x in cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
