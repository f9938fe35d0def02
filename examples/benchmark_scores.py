"""What benchmark.py measures: a classifier, scores, what models must beat."""

import keras
import numpy as np
from benchmark_data import IMAGE_SIZE, SEED, STYLES, flipped, names_of

from keras_gan_translate.metrics import psnr, ssim

CLASSIFIER_STEPS, CLASSIFIER_BATCH = 1500, 32


def train_classifier(name, data):
    """A small network that tells the labels of a data set.

    Args:
        name: of the data set.
        data: as `make_data` returns it.

    Returns:
        (`keras.Model` from images in 0..255 to logits, dict of the share of
        held-out pictures, by label, of which it is right).
    """
    keras.utils.set_random_seed(SEED)
    random = np.random.default_rng(SEED)
    exclusive = name in STYLES
    x = image = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1)(x)
    for filters in (16, 32, 64, 128):
        x = keras.layers.Conv2D(filters, 4, 2, "same", use_bias=False)(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.ReLU()(x)
    if exclusive:
        x = keras.layers.GlobalAveragePooling2D()(x)
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    else:
        # Where something is tells what it is: glasses, a smile.
        x = keras.layers.Flatten()(x)
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
    x = keras.layers.Dropout(0.3)(x)
    model = keras.Model(image, keras.layers.Dense(len(names_of(name)))(x))
    model.compile(keras.optimizers.Adam(1e-3), loss)
    maps = {}
    if exclusive:
        of_style = [
            data["images"][data["labels"].argmax(1) == i]
            for i in range(len(names_of(name)))
        ]
        maps = {
            (i, j): statistics_map(a, b)
            for i, a in enumerate(of_style)
            for j, b in enumerate(of_style)
        }
    for step in range(CLASSIFIER_STEPS):
        model.optimizer.learning_rate = 1e-3 * (1 - step / CLASSIFIER_STEPS)
        chosen = random.integers(len(data["images"]), size=CLASSIFIER_BATCH)
        images = flipped(data["images"][chosen], random)
        if exclusive and step % 2:
            # Colours of another style, so that colours alone make no style.
            images = recolored(images, data["labels"][chosen], maps, random)
        # Noise, so that no invisible pattern makes a style.
        noise = random.normal(scale=random.uniform(0, 12), size=images.shape)
        model.train_on_batch(images + noise, data["labels"][chosen])
        if step % 250 == 0:
            print(name, f"classifier: {step}/{CLASSIFIER_STEPS}", flush=True)
    labels = data["test_labels"]
    right = classify(model, data["test_images"], exclusive) == labels
    if exclusive:
        right, number = right.all(1), labels.argmax(1)
        shares = [right[number == i].mean() for i in range(labels.shape[1])]
    else:
        shares = right.mean(0)
    return model, dict(zip(names_of(name), map(float, shares)))


def recolored(images, labels, maps, random):
    """Each image in the colours of a style drawn by lot, paler or stronger."""
    targets = random.integers(labels.shape[1], size=len(images))
    pairs = zip(labels.argmax(1), targets)
    images = np.stack([maps[pair](x) for pair, x in zip(pairs, images)])
    means = images.mean((1, 2), keepdims=True)
    contrast = random.uniform(0.5, 1.2, (len(images), 1, 1, 1))
    return np.clip(means + contrast * (images - means), 0, 255)


def classify(classifier, images, exclusive):
    """Labels (N, names) of zeros and ones that a classifier sees."""
    logits = classifier.predict(images, 64, verbose=0)
    if exclusive:
        return np.eye(logits.shape[1], dtype="float32")[logits.argmax(1)]
    return (logits > 0).astype("float32")


def mean_scores(samples, task, classifier):
    """`scores` of all samples, their mean, and how they differ."""
    each = [scores(images, task, classifier) for images in samples]
    result = {key: float(np.mean([s[key] for s in each])) for key in each[0]}
    if len(samples) > 1:
        result["diversity"] = float(
            np.mean(
                [
                    np.abs(samples[i].astype("float32") - samples[j]).mean()
                    for i in range(len(samples))
                    for j in range(i)
                ]
            )
        )
        if task.truth is not None:
            every = np.stack([decibels(x, task.truth) for x in samples])
            result["psnr_best"] = float(every.max(0).mean())
    return result


def decibels(images, truth):
    """PSNR, 60 at most: equal pictures have an infinite one."""
    return np.minimum(psnr(images, truth), 60)


def scores(images, task, classifier):
    """What one set of translations is worth."""
    seen = classify(classifier, images, task.pair is not None)
    if task.pair:
        result = {"style": (seen == task.wanted).all(1).mean()}
    else:
        changed = task.wanted != task.now
        right = seen == task.wanted
        result = {
            "style": right[changed].mean(),
            "others kept": right[~changed].mean(),
            "psnr_source": decibels(images, task.images).mean(),
        }
    if task.truth is not None and not task.pair:
        result["psnr_untouched"] = untouched(images, task)
    if task.truth is not None:
        result["psnr"] = decibels(images, task.truth).mean()
        result["ssim"] = ssim(images, task.truth).mean()
        flat = images.reshape(len(images), -1).astype("float32")
        true = task.truth.reshape(len(images), -1).astype("float32")
        # |x - y|^2 less |x|^2, which is the same for all y.
        distances = np.square(true).sum(1) - 2 * flat @ true.T
        result["found"] = (distances.argmin(1) == np.arange(len(images))).mean()
    return {key: float(value) for key, value in result.items()}


def untouched(images, task):
    """Mean PSNR, 60 at most, on the pixels in which truth and source agree."""
    same = (task.truth == task.images).all(-1)
    error = np.square(images.astype("float64") - task.truth).mean(-1)
    error = (error * same).sum((1, 2)) / np.maximum(same.sum((1, 2)), 1)
    return np.minimum(
        10 * np.log10(255**2 / np.maximum(error, 1e-9)), 60
    ).mean()


def baselines(task, data, classifier):
    """The scores of what is no model: nothing, colour maps, the truth."""
    made = {"doing nothing": task.images}
    if task.pair:
        numbers = data["labels"].argmax(1)
        a, b = (
            data["images"][numbers == label[0].argmax()]
            for label in (task.now, task.wanted)
        )
        made["color statistics"] = statistics_map(a, b)(task.images)
    if task.truth is not None:
        made["best color map"] = np.stack(
            [best_map(x, y) for x, y in zip(task.images, task.truth)]
        )
        made["the truth"] = task.truth
    return {key: scores(x, task, classifier) for key, x in made.items()}


def statistics_map(a, b):
    """The map of colours that gives a's pixels the moments of b's.

    Args:
        a: uint8 array (N, H, W, 3).
        b: the same of other pictures.

    Returns:
        Function from images to images, uint8: affine in RGB, the optimal
        transport between normal distributions of a's and b's mean and
        covariance.
    """

    def root(matrix, power):
        values, vectors = np.linalg.eigh(matrix)
        return vectors * np.maximum(values, 1e-6) ** power @ vectors.T

    def moments(images):
        colors = images.reshape(-1, 3)[::7].astype("float64")
        return colors.mean(0), np.cov(colors.T)

    (mean_a, a), (mean_b, b) = moments(a), moments(b)
    half = root(a, 0.5)
    matrix = root(a, -0.5) @ root(half @ b @ half, 0.5) @ root(a, -0.5)

    def apply(images):
        colors = (images - mean_a) @ matrix + mean_b
        return np.clip(np.rint(colors), 0, 255).astype("uint8")

    return apply


def best_map(image, truth):
    """An image recoloured towards its truth, by least squares."""
    colors = image.reshape(-1, 3) / 255.0
    colors = np.concatenate([colors, np.ones((len(colors), 1))], 1)
    matrix, *_ = np.linalg.lstsq(colors, truth.reshape(-1, 3), rcond=None)
    made = np.clip(np.rint(colors @ matrix), 0, 255).astype("uint8")
    return made.reshape(image.shape)
