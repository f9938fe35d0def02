"""Whether ExGAN learns to look: `python -m tests.long.exemplars`.

It trains on drawn faces and then fills the holes of held-out ones three times:
by another picture of the same person, by one of somebody else, and by gray.
What is printed is the error in the hole, in steps of 0..255.
"""

import argparse

import keras
import numpy as np

from keras_gan_translate import ExGAN, data


def measure(model, batch, exemplars):
    """Mean absolute error in the hole of each image, 0..255."""
    made = model.translate(
        batch["image"], mask=list(batch["mask"]), exemplar=list(exemplars)
    )
    hole = batch["mask"] > 127
    error = np.abs(made - batch["image"]) * hole
    return 127.5 * error.sum((1, 2, 3)) / (3 * hole.sum((1, 2, 3)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--variant", default="reference")
    parser.add_argument("--holes", default="centre")
    parser.add_argument("--image-size", type=int, default=32)
    parser.add_argument("--filters", type=int, default=16)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--faces", type=int, default=800)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--adversarial", type=float, default=0.01)
    given = parser.parse_args()
    keras.utils.set_random_seed(0)
    options = {"holes": given.holes, "image_size": given.image_size}
    train = data.open_dataset(
        f"drawn:{given.faces}",
        "identities",
        batch_size=given.batch_size,
        augment=("flip",),
        **options,
    )
    held_out = data.open_dataset(
        "drawn:32",
        "identities",
        batch_size=32,
        split="test",
        augment=False,
        shuffle=False,
        **options,
    )
    (batch,) = ({k: np.asarray(v) for k, v in b.items()} for b in held_out)
    model = ExGAN(
        given.image_size,
        given.filters,
        given.filters,
        variant=given.variant,
        loss_weights={"adversarial": given.adversarial},
    )
    model.compile(keras.optimizers.Adam(given.rate, 0.5))
    # The persons come by turns: the next picture is of the next one.
    exemplars = {
        "own": batch["exemplar"],
        "somebody's": np.roll(batch["exemplar"], 1, axis=0),
        "gray": np.zeros_like(batch["exemplar"]),
    }
    for epoch in range(given.epochs + 1):
        if epoch:
            model.fit(train, epochs=1, verbose=0)
        errors = {
            name: measure(model, batch, images)
            for name, images in exemplars.items()
        }
        told = ", ".join(f"{k} {v.mean():.2f}" for k, v in errors.items())
        better = (errors["own"] < errors["somebody's"]).mean()
        steps = epoch * len(train)
        print(f"{steps} steps: {told}; own better {better:.0%}", flush=True)


if __name__ == "__main__":
    main()
