"""The smallest artefacts of every format, made once."""

import functools
import inspect
import pathlib
import tempfile
import warnings

import keras
import numpy as np
import pytest

from keras_gan_translate import create_model
from keras_gan_translate.data import synthetic_faces
from keras_gan_translate.export.spec import TranslatorSpec
from keras_gan_translate.zoo import find_model

SIZE = 32


@functools.cache
def tiny_model(name="cyclegan"):
    """A model whose weights are random, but always the same."""
    keras.utils.set_random_seed(5)
    known = inspect.signature(find_model(name)).parameters
    small = {"filters": 4, "num_blocks": 1, "vgg_weights": None}
    arguments = {key: small[key] for key in small if key in known}
    if name == "pix2pix":
        del arguments["num_blocks"]  # of another generator
    size = max(SIZE, find_model(name).smallest_size)
    return create_model(name, image_size=size, **arguments)


def spec_of(model, **facts):
    facts = {
        "name": "tiny",
        "model": type(model).__name__.lower(),
        "paper": "a paper",
        "direction": "ab",
        "image_size": None,
        "size_multiple": model.size_multiple,
        "scale": model.scale,
        "dtype": "uint8",
        "resize": "cover",
        "licence": "of drawn faces: none needed",
        "version": "0",
        "commit": None,
    } | facts
    return TranslatorSpec(**facts)


def photos(count=2, size=SIZE):
    return np.stack(synthetic_faces(count, size)[0])


@functools.cache
def folder():
    """A temporary folder that lasts as long as the process."""
    made = tempfile.TemporaryDirectory(prefix="kgt-tests-")
    folder.keep = made
    return pathlib.Path(made.name)


def artefact(name, model="cyclegan", **facts):
    """Path of a tiny artefact, written once by the library's own writers.

    Args:
        name: of the file: "tiny.onnx", "tiny-float16.tflite", "tiny", which is
            a SavedModel.
        model: name of the model.
        **facts: of the `TranslatorSpec`.
    """
    if keras.backend.backend() != "tensorflow":
        pytest.skip("exports are written with TensorFlow")
    from keras_gan_translate.export import litert, onnx, saved_model
    from keras_gan_translate.export.network import translator_network

    parent = folder() / "-".join(map(str, (model, *facts.values())))
    path = parent / name
    if path.exists():
        return path
    parent.mkdir(exist_ok=True)
    gan = tiny_model(model)
    spec = spec_of(gan, **facts)
    network = translator_network(
        gan, spec.direction, spec.dtype, spec.image_size
    )
    if path.suffix == ".onnx":
        for package in onnx.PACKAGES:
            pytest.importorskip(package, reason="the extra `onnx` is missing")
        onnx.write(network, spec, path)
    elif path.suffix == ".tflite":
        pytest.importorskip("ai_edge_litert", reason="LiteRT is missing")
        precision = path.stem.partition("-")[2] or "float32"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            images = photos(8, spec.image_size or SIZE)
            litert.write(network, spec, path, precision, images)
    else:
        saved_model.write(network, spec, path)
    return path
