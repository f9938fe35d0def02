import keras
import pytest

pytest.importorskip(
    "tensorflow_serving.apis",
    reason="the extra `serving` is missing: grpcio, tensorflow-serving-api",
    exc_type=ImportError,
)
if keras.backend.backend() != "tensorflow":
    pytest.skip("a SavedModel is TensorFlow's", allow_module_level=True)

from tests.export.files import artefact, tiny_model  # noqa: E402
from tests.serving.process import running_server  # noqa: E402
from tests.serving.traffic import some_photos  # noqa: E402


@pytest.fixture(scope="session")
def server():
    with running_server(artefact("tiny")) as server:
        yield server


@pytest.fixture(scope="session")
def photos():
    """Photos of different sizes and their translations."""
    photos = some_photos(40)
    return [(photo, tiny_model().translate(photo)) for photo in photos]
