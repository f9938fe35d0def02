import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate.layers import ImagePool


class Feed:
    """Images that carry their own number, so that each can be followed."""

    def __init__(self):
        self.next = 1

    def __call__(self, batch):
        numbers = np.arange(self.next, self.next + batch, dtype="float32")
        self.next += batch
        return np.broadcast_to(numbers[:, None, None, None], (batch, 2, 3, 1))


def numbers(images):
    images = ops.convert_to_numpy(images)
    assert np.all(images == images[:, :1, :1])
    return images[:, 0, 0, 0].tolist()


def pool_of(size, seed=0):
    return ImagePool(size, (2, 3, 1), seed=seed)


def test_a_filling_pool_returns_what_it_stores():
    pool, feed = pool_of(5), Feed()
    for batch in (2, 1, 2):
        images = feed(batch)
        np.testing.assert_array_equal(pool(images, training=True), images)
    assert numbers(pool.images) == [1, 2, 3, 4, 5]
    assert int(pool.count) == 5


def test_images_without_room_pass_through_unstored():
    pool, feed = pool_of(4), Feed()
    for _ in range(2):
        images = feed(3)
        np.testing.assert_array_equal(pool(images, training=True), images)
    assert numbers(pool.images) == [1, 2, 3, 4]
    assert int(pool.count) == 4


@pytest.mark.parametrize("batch", [1, 3, 5])
def test_a_full_pool_loses_and_doubles_nothing(batch):
    """Also at batch = size, where two writes to one place would show."""
    pool, feed = pool_of(5), Feed()
    pool(feed(5), training=True)
    for _ in range(20):
        before, images = numbers(pool.images), feed(batch)
        returned = numbers(pool(images, training=True))
        after = numbers(pool.images)
        assert sorted(before + numbers(images)) == sorted(after + returned)
        assert len(set(after)) == 5
        for own, back in zip(numbers(images), returned):
            assert back == own or (back in before and own in after)


def test_half_of_the_images_are_exchanged_everywhere_alike():
    pool, feed = pool_of(10), Feed()
    pool(feed(10), training=True)
    swapped, places, steps = 0, np.zeros(10), 150
    for _ in range(steps):
        before, images = numbers(pool.images), feed(8)
        returned = numbers(pool(images, training=True))
        swapped += sum(a != b for a, b in zip(returned, numbers(images)))
        places += np.not_equal(before, numbers(pool.images))
    # 1200 coins: a standard deviation of 0.0144; 60 per place: of 6
    assert abs(swapped / (8 * steps) - 0.5) < 0.06
    assert np.all(np.abs(places - 60) < 24)


def test_is_identity_outside_training_and_when_switched_off():
    images = Feed()(2)
    pool = pool_of(1)
    np.testing.assert_array_equal(pool(images), images)
    assert int(pool.count) == 0
    off = ImagePool(0)
    np.testing.assert_array_equal(off(images, training=True), images)
    assert not off.variables


def test_works_compiled_at_any_batch_size():
    pool, feed = pool_of(4), Feed()
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        step = tf.function(
            lambda images: pool(images, training=True),
            input_signature=[tf.TensorSpec((None, 2, 3, 1))],
        )
        compiled = tf.function(step.python_function, jit_compile=True)
    else:
        import jax

        @jax.jit
        def pure(values, images):
            mapping = list(zip(pool.variables, values))
            with keras.StatelessScope(mapping) as scope:
                result = pool(images, training=True)
            return result, [scope.get_current_value(v) for v in pool.variables]

        def step(images):
            values = [variable.value for variable in pool.variables]
            result, values = pure(values, images)
            for variable, value in zip(pool.variables, values):
                variable.assign(value)
            return result

        compiled = step
    step(feed(4))
    for batch in (1, 2, 4) * 4:
        for call in (step, compiled):
            before, images = numbers(pool.images), feed(batch)
            returned = numbers(call(ops.convert_to_tensor(images)))
            both = sorted(numbers(pool.images) + returned)
            assert sorted(before + numbers(images)) == both


def test_the_stored_images_stay_float32():
    pool = ImagePool(2, (2, 3, 1), dtype="mixed_bfloat16")
    images = np.full((1, 2, 3, 1), 0.1234567, "float32")
    returned = pool(images, training=True)
    np.testing.assert_array_equal(returned, images)
    np.testing.assert_array_equal(pool.images[:1], images)


@pytest.mark.parametrize(
    "arguments", [{"size": -1}, {"size": 2}, {"image_shape": (None, 3, 1)}]
)
def test_wrong_sizes_are_errors(arguments):
    with pytest.raises(ValueError, match="Received"):
        ImagePool(**arguments)


@pytest.mark.parametrize("shape", [(3, 2, 3, 1), (1, 2, 4, 1)])
def test_wrong_batches_are_errors(shape):
    with pytest.raises(ValueError, match="at most 2 images"):
        pool_of(2)(np.zeros(shape, "float32"), training=True)


@pytest.mark.parametrize("policy", ["float16", "mixed_float16"])
def test_half_precision_chooses_as_full(policy):
    """Images come back as they went in, to the last bit."""
    exact, feed = pool_of(5), Feed()
    half = ImagePool(5, (2, 3, 1), seed=0, dtype=policy)
    for _ in range(8):
        images = feed(2)
        returned = half(ops.cast(images, "float16"), training=True)
        assert keras.backend.standardize_dtype(returned.dtype) == "float16"
        np.testing.assert_array_equal(
            ops.convert_to_numpy(returned), exact(images, training=True)
        )
    assert numbers(half.images) == numbers(exact.images)
