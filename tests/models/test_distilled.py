import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate import losses
from keras_gan_translate.engine.state import take_state
from keras_gan_translate.models.distilled import STUDENTS, Distilled
from keras_gan_translate.networks import logits_of
from tests.test_all_models import tiny
from tests.toys import Exemplars, Styles, network

SIZE = 32


def photos(count=2, seed=0):
    """Smooth ones: of noise no picture could be learned in a few steps."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (count, 2, 2, 3)).astype("float32")
    return ops.convert_to_numpy(ops.image.resize(x, (SIZE, SIZE), "bilinear"))


@pytest.fixture(scope="module")
def model():
    """A student of a network of two convolutions, after some steps."""
    keras.utils.set_random_seed(2)
    teacher = network(3, 3, "teacher")
    model = Distilled(
        teacher,
        image_size=SIZE,
        filters=4,
        num_blocks=1,
        discriminator=network(3, 1, "discriminator"),
    )
    vars(model)["before"] = teacher.get_weights()
    model.compile(keras.optimizers.Adam(0.01))
    vars(model)["history"] = model.fit(
        {"a": photos(8)}, batch_size=8, epochs=30, verbose=0
    ).history
    return model


@pytest.mark.parametrize(
    ("student", "count"), [("mobile_unet", 694_707), ("separable", 92_899)]
)
def test_students_are_as_small_as_promised(student, count):
    assert STUDENTS[student](16, 4, "batch").count_params() == count


def test_the_student_learns_and_the_teacher_stays(model):
    for name in ("reconstruction", "ssim", "features"):
        curve = model.history[f"generator_{name}"]
        assert curve[-1] < 0.6 * curve[0], name
    for before, after in zip(model.before, model.teacher.get_weights()):
        np.testing.assert_array_equal(before, after)


def test_losses_are_those_of_the_papers(model):
    batch = {"a": ops.convert_to_tensor(photos(2, seed=5))}
    terms, shared = model.generator_loss(batch, False)
    fake, truth = (
        ops.convert_to_numpy(shared[name]) for name in ("fake", "truth")
    )
    taught = ops.convert_to_numpy(model.teacher(batch["a"]))
    np.testing.assert_allclose(truth, taught.clip(-1, 1), atol=1e-6)
    expected = np.abs(fake - truth).mean()
    assert float(terms["reconstruction"]) == pytest.approx(expected, rel=1e-5)
    like = float(losses.ssim(fake, truth))
    assert float(terms["ssim"]) == pytest.approx(1 - like, abs=1e-6)
    assert set(terms["features"]) == {"stride_1"}  # the toy has no other
    judged = ops.convert_to_numpy(model.discriminator(fake))
    assert float(terms["adversarial"]) == pytest.approx(
        np.mean((judged - 1) ** 2), rel=1e-4
    )
    terms, _ = model.discriminator_loss(batch | shared, False)
    real = ops.convert_to_numpy(model.discriminator(truth))
    assert float(terms["adversarial"]["logits"]) == pytest.approx(
        np.mean((real - 1) ** 2) + np.mean(judged**2), rel=1e-4
    )


def test_checkpoints_lack_the_teacher_and_translators_are_the_student(model):
    names = " ".join(take_state(model))
    assert "stem_conv/kernel" in names and "stride_1_map/kernel" in names
    paths = {variable.path for variable in model.teacher.variables}
    held = {name.split(" ", 1)[1] for name in take_state(model)}
    own = {variable.path for variable in model.discriminator.variables}
    assert held & paths <= own  # toys are called alike
    assert model.translator_networks == ("generator",)


def test_the_adversary_begins_as_the_teachers_own():
    teacher = tiny("ugatit")
    model = Distilled(teacher, "ba", "separable", teacher.image_size, 4, 1)
    image = photos(1)
    judged = logits_of(model.discriminator(image))
    for name in ("discriminator_a_global", "discriminator_a_local"):
        for key, own in logits_of(getattr(teacher, name)(image)).items():
            np.testing.assert_allclose(
                ops.convert_to_numpy(judged[f"{name}_{key}"]),
                ops.convert_to_numpy(own),
                atol=1e-5,
            )
    assert len(judged) == 4
    # Copies: the student's steps do not change its teacher.
    theirs = {id(v) for v in teacher.variables}
    assert not theirs & {id(v) for v in model.variables}
    # What U-GAT-IT makes beside its picture teaches nothing.
    assert set(model.maps.output) == {"stride_1", "stride_2", "stride_4"}


def test_remembered_pictures_are_the_truth():
    model = Distilled(
        network(3, 3, "teacher"),
        image_size=SIZE,
        filters=4,
        num_blocks=1,
        discriminator=network(3, 1, "discriminator"),
        remember=2,
    )
    assert set(model.batch) == {"a", "b"} and not hasattr(model, "maps")
    a, b = photos(2), photos(2, seed=1)
    terms, shared = model.generator_loss({"a": a, "b": b}, False)
    assert "features" not in terms and shared["truth"] is b
    made = ops.convert_to_numpy(model.generator(a))
    assert float(terms["reconstruction"]) == pytest.approx(
        np.abs(made - b).mean(), rel=1e-5
    )
    # Whoever translates with it takes photos, as ever.
    without = Distilled(image_size=SIZE, filters=4, num_blocks=1, remember=2)
    assert set(without.batch) == {"a"} and without.data == "images"


def test_who_is_no_teacher_is_refused_in_words():
    for teacher in (Styles(), Exemplars()):
        with pytest.raises(ValueError, match="can be no teacher yet"):
            Distilled(teacher, image_size=SIZE)
    with pytest.raises(ValueError, match="enlarges 4 times"):
        Distilled(tiny("srgan"), image_size=SIZE)
    with pytest.raises(ValueError, match="Received: 'runs/anime'"):
        Distilled("runs/anime")
    with pytest.raises(ValueError, match="a network of one image, RGB"):
        Distilled(network(1, 3, "gray"), image_size=SIZE)


def test_without_a_teacher_it_translates_only():
    model = Distilled(image_size=SIZE, filters=4, num_blocks=1)
    assert model.translate(np.zeros((37, 50, 3), "uint8")).shape == (37, 50, 3)
    with pytest.raises(ValueError, match="has none: it translates"):
        model.compile()
