import numpy as np
import pytest

from keras_gan_translate.metrics.questions import ask
from tests.toys import Domains, Holes, Sampler, Styles


def example(model, count=6):
    random = np.random.default_rng(0)
    size = model.image_size or model.smallest_size
    return {
        name: field.example(count, size, random)
        for name, field in model.batch.items()
    }


def test_each_domain_is_asked_for():
    model = Domains()
    examples = example(model)
    classes = model.batch["domain"].classes
    examples["domain"] = np.arange(6, dtype="int32") % len(classes)
    asked = {question.name: question for question in ask(model, examples)}
    assert set(asked) == set(classes)
    for i, name in enumerate(classes):
        of_it = examples["domain"] == i
        np.testing.assert_array_equal(
            asked[name].source, examples["image"][~of_it]
        )
        np.testing.assert_array_equal(
            asked[name].real, examples["image"][of_it]
        )
        assert asked[name].truth is None
        assert asked[name].fake.shape == asked[name].source.shape


def test_styles_give_several_translations():
    model = Styles()
    examples = example(model)
    for question in ask(model, examples):
        assert len(question.samples) > 1
        np.testing.assert_array_equal(question.samples[0], question.fake)
        one, other = question.samples[:2]
        assert (one != other).any()
        assert len(question.real) == 6


def test_holes_are_filled_and_the_whole_is_the_truth():
    model = Holes()
    examples = example(model)
    (question,) = ask(model, examples)
    np.testing.assert_array_equal(question.truth, examples["image"])
    assert question.source is None
    assert question.fake.shape == examples["image"].shape


def test_what_makes_images_of_no_image():
    model = Sampler()
    asked = list(ask(model, example(model)))
    assert asked
    assert all(q.source is None and len(q.fake) == len(q.real) for q in asked)


@pytest.mark.parametrize("aligned", [False, True])
def test_the_truth_is_that_of_aligned_data(aligned):
    from keras_gan_translate import CycleGAN

    model = CycleGAN(image_size=32, filters=2, num_blocks=1, pool_size=0)
    examples = example(model, 3)
    asked = {q.name: q for q in ask(model, examples, aligned)}
    assert list(asked) == ["ab", "ba"]
    assert (asked["ab"].truth is None) is not aligned
    np.testing.assert_array_equal(asked["ab"].source, examples["a"])
    np.testing.assert_array_equal(asked["ba"].real, examples["a"])


@pytest.mark.parametrize("relative", [False, True])
def test_attributes_are_given_to_those_that_lack_them(relative):
    from keras_gan_translate import StarGAN
    from tests import toys

    if not hasattr(toys, "Changes"):
        pytest.skip("attributes are no field here")
    names = ("Smiling", "Hat")
    if relative:
        model = toys.Changes(attributes=names)
    else:
        options = {"image_size": 32, "filters": 2, "num_blocks": 1}
        model = StarGAN(domains=names, exclusive=False, **options)
    examples = example(model, 4)
    (key,) = set(examples) - {"image"}
    table = np.array([[0, 0], [1, 0], [0, 1], [0, 0]], "float32")
    examples[key] = table
    told = []
    translate = model.translate

    def listen(images, direction, **options):
        told.append(options)
        return translate(images, direction, **options)

    model.translate = listen
    asked = list(ask(model, examples))
    assert [q.name.lstrip("+") for q in asked] == list(names)
    np.testing.assert_array_equal(asked[0].source, examples["image"][[0, 2, 3]])
    # One image is no distribution.
    assert asked[0].real is None and asked[1].real is None
    wanted = told[0]["attributes"]
    if relative:
        assert wanted == "+Smiling"
    else:
        np.testing.assert_array_equal(wanted, [[1, 0], [1, 1], [1, 0]])
