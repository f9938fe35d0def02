"""How near pictures are to avatars, by a network that tells avatars apart.

There are no pairs of a portrait and its avatar, so nothing says how far a
translation is from the right one. But a small classifier that knows the eyes,
mouths, hair and glasses of avatars sees whether a picture has such: what
`kernel_distance` compares are its features.
"""

import keras
import numpy as np

from keras_gan_translate.metrics import Features
from keras_gan_translate.support.files import written_aside

ATTRIBUTES = ("eyes", "eyebrows", "mouth", "hair", "glasses", "beard", "nose")
SIZE = 64  # pixels
STEPS, BATCH = 800, 32


def open_judge(path, images, rows, random, jitter):
    """The judge's features, trained first if the file is not there.

    Args:
        path: of a .keras file, a `pathlib.Path`.
        images: avatars that it learns from, a sequence.
        rows: dicts of their attributes.
        random: NumPy generator.
        jitter: function of an image, a size and `random`: a crop, uint8
            (size, size, 3).

    Returns:
        `keras_gan_translate.metrics.Features` of 64 numbers.
    """
    if not path.exists():
        network = _train(images, rows, random, jitter)
        with written_aside(path) as aside:
            network.save(aside)
    network = keras.saving.load_model(path)

    def features(x):
        gray = np.asarray(x)[..., :1] / 127.5 - 1
        return network.predict_on_batch(gray.astype("float32"))

    return Features(features, "avatars' attributes", SIZE)


def _train(images, rows, random, jitter):
    """The layers of a classifier below its last one."""
    values = {name: sorted({row[name] for row in rows}) for name in ATTRIBUTES}
    labels = {
        name: np.array([known.index(row[name]) for row in rows])
        for name, known in values.items()
    }
    image = keras.Input((SIZE, SIZE, 1))
    x = image
    for filters in (16, 32, 64, 64):
        x = keras.layers.Conv2D(
            filters, 3, strides=2, padding="same", activation="relu"
        )(x)
    x = keras.layers.Dropout(0.3)(keras.layers.Flatten()(x))
    x = keras.layers.Dense(64, activation="relu", name="features")(x)
    outputs = {
        name: keras.layers.Dense(len(known), activation="softmax", name=name)(x)
        for name, known in values.items()
    }
    classifier = keras.Model(image, outputs)
    classifier.compile(
        keras.optimizers.Adam(1e-3),
        loss={name: "sparse_categorical_crossentropy" for name in values},
    )
    for _ in range(STEPS):
        chosen = random.integers(len(images), size=BATCH)
        crops = [jitter(images[i], SIZE, random) for i in chosen]
        classifier.train_on_batch(
            np.stack(crops)[..., :1].astype("float32") / 127.5 - 1,
            {name: label[chosen] for name, label in labels.items()},
        )
    # Each feature counts the same.
    features = keras.Model(image, x)
    crops = [jitter(avatar, SIZE, random)[..., :1] for avatar in images]
    scale = keras.layers.Normalization()
    scale.adapt(
        features.predict(
            np.stack(crops).astype("float32") / 127.5 - 1, verbose=0
        )
    )
    return keras.Model(image, scale(x))
