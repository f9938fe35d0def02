"""Translates photos with a run that `kgt train` made.

python examples/translate_photos.py runs/anime selfies out
"""

import argparse
import pathlib

import keras_gan_translate as kgt
from keras_gan_translate.runs.run import Run

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("run")
parser.add_argument("photos")
parser.add_argument("out")
parser.add_argument("--direction", default="ab")
arguments = parser.parse_args()

model = Run(arguments.run).model()
for path in kgt.data.list_images(arguments.photos):
    photo = kgt.data.read_image(path)
    target = pathlib.Path(arguments.out, path.name).with_suffix(".png")
    kgt.data.write_image(target, model.translate(photo, arguments.direction))
    print(target)
