"""Files as this version writes them: `python -m tests.kept.make NAME`.

Run once when a format gets a new number, with what is installed then. NAME,
here, with .tar.xz behind it, is committed, never changed, and must be read
ever after.
"""

import pathlib
import shutil
import sys
import tarfile
import tempfile

import keras
import numpy as np

from keras_gan_translate import CycleGAN, data
from keras_gan_translate.cli import main as kgt
from keras_gan_translate.export import export_translator
from keras_gan_translate.export.artefacts import open_artefact

SIZE = 32
PRECISIONS = ("float32", "float16", "dynamic_int8", "int8")
RUN = ("config.yaml", "last.weights.h5", "best", "last")
TRAIN = (
    "train cyclegan synthetic:4 --image-size 32 --filters 2 --num-blocks 1 "
    "--steps-per-epoch 2 --epochs"
).split()


def tiny_model():
    """The smallest CycleGAN that trains, after two steps."""
    keras.utils.set_random_seed(1)
    model = CycleGAN(SIZE, filters=2, num_blocks=1)
    model.compile()
    photos = np.stack(data.synthetic_faces(4, SIZE)[0]) / 127.5 - 1.0
    for i in range(2):
        model.train_on_batch({"a": photos[i : i + 1], "b": photos[2:3]})
    return model


def main(name):
    """Writes all of it, packed: HDF5 is mostly empty when arrays are small."""
    here = pathlib.Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        write(pathlib.Path(folder))
        with tarfile.open(here / f"{name}.tar.xz", "w:xz") as archive:
            for path in sorted(pathlib.Path(folder).iterdir()):
                archive.add(path, path.name)


def write(folder):
    """Writes all of it into an empty folder."""
    model = tiny_model()
    model.save(folder / "model.keras")
    images = np.stack(data.synthetic_faces(8, SIZE)[0])
    with tempfile.TemporaryDirectory() as aside:
        exports = pathlib.Path(aside, "tiny")
        export_translator(
            model,
            exports,
            formats=("saved_model", "litert", "onnx"),
            precisions=PRECISIONS,
            images=images,
            licence="of drawn faces: none needed",
            threads=(1,),
        )
        for path in exports.iterdir():
            if path.suffix in (".tflite", ".onnx"):
                shutil.copy(path, folder)
        shutil.copytree(exports / "tiny", folder / "tiny")
        run = pathlib.Path(aside, "run")
        kgt([*TRAIN, "1", "--out", str(run)], standalone_mode=False)
        (folder / "run").mkdir()
        for name in RUN:
            copy = shutil.copytree if (run / name).is_dir() else shutil.copy
            copy(run / name, folder / "run" / name)
    kept = {
        path.name: open_artefact(path).translate(images[:2])
        for path in sorted(folder.iterdir())
        if path.name != "run"
    }
    np.savez_compressed(folder / "expected.npz", images=images[:2], **kept)


if __name__ == "__main__":
    main(*sys.argv[1:])
