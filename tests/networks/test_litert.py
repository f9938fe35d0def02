"""Generators convert with builtin operations at fixed and dynamic size."""

import re

import keras
import numpy as np
import pytest

from keras_gan_translate.models.srgan import sr_resnet
from keras_gan_translate.networks import resnet_generator, unet_generator
from tests.networks.papers import UGATIT_GENERATOR

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="Keras exports LiteRT on the TensorFlow backend",
)

GENERATORS = {
    "ugatit": lambda: resnet_generator(
        4, **{**UGATIT_GENERATOR, "num_blocks": 2}
    ),
    "cyclegan": lambda: resnet_generator(4, 1),
    "pix2pix": lambda: unet_generator(4, 4),
    "srgan": lambda: sr_resnet(4, 1),
}


@pytest.mark.parametrize(
    "shape, sizes",
    [
        ((1, 64, 64, 3), [(1, 64, 64, 3)]),
        (
            (None, None, None, 3),
            [(1, 64, 64, 3), (1, 32, 48, 3), (2, 48, 32, 3)],
        ),
    ],
    ids=["fixed", "dynamic"],
)
@pytest.mark.parametrize("name", GENERATORS)
def test_converts_with_builtin_operations(name, shape, sizes, tmp_path):
    interpreters = pytest.importorskip("ai_edge_litert.interpreter")
    network = GENERATORS[name]()
    path = str(tmp_path / "generator.tflite")
    network.export(
        path,
        format="litert",
        input_signature=[keras.InputSpec(shape=shape, dtype="float32")],
        verbose=False,
    )
    interpreter = interpreters.Interpreter(path)
    operations = {
        operation["op_name"] for operation in interpreter._get_ops_details()
    }
    # Builtin operations are in capitals; Flex and custom ones are not.
    strange = [op for op in operations if not re.fullmatch("[A-Z0-9_]+", op)]
    assert not strange and "CUSTOM" not in operations

    for size in sizes:
        x = np.random.default_rng(0).uniform(-1, 1, size).astype("float32")
        index = interpreter.get_input_details()[0]["index"]
        interpreter.resize_tensor_input(index, size)
        interpreter.allocate_tensors()
        interpreter.set_tensor(index, x)
        interpreter.invoke()
        outputs = [
            interpreter.get_tensor(detail["index"])
            for detail in interpreter.get_output_details()
        ]
        for expected in keras.tree.flatten(network(x)):
            (ours,) = [o for o in outputs if o.shape == expected.shape]
            np.testing.assert_allclose(ours, expected, atol=2e-5)
