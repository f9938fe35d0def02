"""Photos become toons: a small U-GAT-IT on faces drawn by code.

python examples/fit_faces.py --epochs 5
"""

import argparse

import numpy as np

import keras_gan_translate as kgt

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--faces", type=int, default=500)
parser.add_argument("--filters", type=int, default=16)
parser.add_argument("--out", default="faces.png")
arguments = parser.parse_args()

# Unpaired: the toons are of other faces than the photos.
photos, _ = kgt.data.synthetic_faces(arguments.faces)
_, toons = kgt.data.synthetic_faces(arguments.faces, start=arguments.faces)

model = kgt.UGATIT(image_size=64, filters=arguments.filters, num_blocks=2)
model.compile(total_steps=arguments.epochs * arguments.faces)
model.fit(photos, toons, batch_size=1, epochs=arguments.epochs)

faces, truth = kgt.data.synthetic_faces(8, start=2 * arguments.faces)
rows = [faces, model.translate(faces), truth]
picture = np.concatenate([np.concatenate(row, axis=1) for row in rows])
kgt.data.write_image(arguments.out, picture)
print(f"Photo, translation and true toon of 8 faces: {arguments.out}")
