"""Trains on two folders of your own photos, and goes on where it stopped.

    python examples/fit_folder.py selfies anime --run runs/anime

Run the same command again after an interruption: it resumes.
"""

import argparse

import keras_gan_translate as kgt

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder_a")
parser.add_argument("folder_b")
parser.add_argument("--run", default="runs/example")
parser.add_argument("--model", default="ugatit")
parser.add_argument("--image-size", type=int, default=128)
parser.add_argument("--filters", type=int, default=64)
parser.add_argument("--epochs", type=int, default=100)
arguments = parser.parse_args()

dataset = kgt.data.unpaired(
    arguments.folder_a, arguments.folder_b, image_size=arguments.image_size
)
model = kgt.create_model(
    arguments.model,
    image_size=arguments.image_size,
    filters=arguments.filters,
)
model.compile(total_steps=arguments.epochs * len(dataset))
model.fit(
    dataset,
    epochs=arguments.epochs,
    shuffle=False,  # the dataset shuffles, the same way after a resume
    callbacks=[
        kgt.callbacks.Resume(arguments.run),
        kgt.callbacks.KeepTranslators(arguments.run),
    ],
)
print(f"The translators: {arguments.run}/last")
