"""Every test starts from the same seed, so that what fails here fails there."""

import keras
import pytest

keras.utils.set_random_seed(0)  # what modules make while they are collected


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(0)
