import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate.callbacks import FollowTeacher
from keras_gan_translate.models.distilled import Distilled
from tests.toys import Toy, images, network


@pytest.fixture
def model(monkeypatch):
    """A student that does not learn, so that its teacher alone changes."""
    counts = []
    loss = Distilled.generator_loss

    def counted(self, *args):
        counts.append(args)
        return loss(self, *args)

    monkeypatch.setattr(Distilled, "generator_loss", counted)
    keras.utils.set_random_seed(4)
    model = Distilled(
        network(3, 3, "teacher"),
        image_size=32,
        student="separable",
        filters=4,
        num_blocks=1,
        normalization="instance",
        discriminator=network(3, 1, "discriminator"),
    )
    model.compile(keras.optimizers.SGD(0.0))
    vars(model)["traced"] = counts
    return model


def painted(level):
    """A teacher of whose pictures all pixels have one level."""
    teacher = network(3, 3, "teacher")
    *others, bias = teacher.get_weights()
    teacher.set_weights([*(0 * x for x in others), bias + level])
    return teacher


def test_every_epoch_has_the_teacher_as_it_is_by_then(model, caplog):
    photos = ops.convert_to_numpy(
        ops.image.resize(images(2), (32, 32), "nearest")
    )
    other = network(3, 4, "teacher")
    broken = painted(np.nan)
    toy = Toy()
    toy.generator.set_weights(painted(0.25).get_weights())
    told = iter([painted(0.5), other, broken, OSError("gone"), toy])

    def load():
        teacher = next(told)
        if isinstance(teacher, OSError):
            raise teacher
        return teacher

    adversary = model.discriminator.get_weights()
    history = model.fit(
        {"a": photos},
        batch_size=2,
        epochs=5,
        verbose=0,
        callbacks=[FollowTeacher(load)],
    ).history["generator_reconstruction"]
    made = ops.convert_to_numpy(model.generator(photos, training=True))
    first, last = (np.abs(made - level).mean() for level in (0.5, 0.25))
    np.testing.assert_allclose(history, 4 * [first] + [last], rtol=1e-4)
    said = [record.message for record in caplog.records]
    assert [text.split(": ", 1)[0][-7:] for text in said] == [
        "epoch 2",
        "epoch 3",
        "epoch 4",
    ]
    for text, words in zip(said, ("other shapes", "not finite", "gone")):
        assert words in text
    # The same variables: nothing is traced again.
    assert len(model.traced) <= 2
    for before, after in zip(adversary, model.discriminator.get_weights()):
        np.testing.assert_array_equal(before, after)
