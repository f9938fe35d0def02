"""Every test starts from the same seed, so that what fails here fails there."""

import keras
import pytest

from keras_gan_translate.data import images

keras.utils.set_random_seed(0)  # what modules make while they are collected


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(0)


@pytest.fixture(autouse=True)
def pixels():
    """What a command allows is allowed until its process ends: here, sooner."""
    with images.limited_pixels(images.MAX_PIXELS):
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A model is compiled once: all its tests go to one worker."""
    # Marks of groups do nothing with xdist 3.8 and pytest 9.2.
    from xdist.scheduler import LoadScopeScheduling

    class OneWorkerAModel(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file, _, test = nodeid.partition("::")
            if file.endswith("test_all_models.py"):
                return test.partition("[")[2]
            return nodeid

    return OneWorkerAModel(config, log)
