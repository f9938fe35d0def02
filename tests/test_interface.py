"""What users see of the package, and what typing errors are answered."""

import importlib.resources
import inspect
import typing

import pytest

import keras_gan_translate as kgt
from tests.toys import Critic, Domains, Toy

SHOWN = """
    Adam CartoonGAN CycleGAN FastStyle GAN LinearDecay MultiOptimizer Pix2Pix
    SRGAN Translator UGATIT __version__ callbacks checkpoints create_model data
    devices fields layers list_models load losses metrics models networks show
"""


def test_only_what_users_may_use_is_shown():
    shown = set(dir(kgt))
    assert set(SHOWN.split()) <= shown
    models = {info.model_class.__name__ for info in kgt.list_models()}
    assert shown - set(SHOWN.split()) <= models
    assert sorted(kgt.__all__) == dir(kgt)
    assert all(hasattr(kgt, name) for name in shown)


@pytest.mark.parametrize(
    ("name", "nearest"), [("UGATTI", "UGATIT"), ("cyclegan", "CycleGAN")]
)
def test_a_mistyped_name_is_answered_with_the_nearest(name, nearest):
    with pytest.raises(AttributeError, match=f"Did you mean '{nearest}'"):
        getattr(kgt, name)
    assert not hasattr(kgt, "nothing_like_it")


@pytest.mark.parametrize(
    ("model_class", "given", "nearest"),
    [
        (kgt.UGATIT, "imagesize", "image_size"),
        (kgt.CycleGAN, "filter", "filters"),
        (Domains, "domain", "domains"),  # its own, and of those it builds on
        (Domains, "image_sizes", "image_size"),
        (Critic, "loss_weight", "loss_weights"),
    ],
)
def test_a_mistyped_argument_is_answered_with_the_nearest(
    model_class, given, nearest
):
    with pytest.raises(ValueError, match=f"Did you mean '{nearest}'") as error:
        model_class(**{given: 64})
    assert f"{model_class.__name__} has no argument {given!r}" in str(
        error.value
    )


def test_arguments_of_the_classes_below_are_known():
    assert Toy(name="x", dtype="float32").name == "x"
    assert Domains(filters=3, image_size=16).filters == 3


def test_types_are_told_to_type_checkers():
    assert (importlib.resources.files(kgt) / "py.typed").is_file()


def _public():
    """(name, function) of what users call."""
    for name in dir(kgt):
        value = getattr(kgt, name)
        if inspect.isfunction(value):
            yield f"kgt.{name}", value
    for module in (kgt.callbacks, kgt.checkpoints, kgt.losses, kgt.metrics):
        for name, value in vars(module).items():
            if name.startswith("_"):
                continue
            if inspect.isfunction(value):
                yield f"{module.__name__}.{name}", value
            elif inspect.isclass(value) and "__init__" in vars(value):
                yield f"{module.__name__}.{name}", value.__init__
    for name in """__init__ compile fit translate generate attention encode
            export_translator play every translator direction source options
            inputs way_back default_optimizer player_variables""".split():
        yield f"GAN.{name}", getattr(kgt.GAN, name)


@pytest.mark.parametrize(("name", "function"), list(_public()))
def test_the_public_interface_has_type_hints(name, function):
    signature = inspect.signature(function)
    missing = [
        parameter.name
        for parameter in signature.parameters.values()
        if parameter.annotation is parameter.empty
        and parameter.name
        not in ("self", "args", "kwargs", "options", "arguments")
    ]
    assert not missing, f"{name}: {', '.join(missing)} without a type"
    if function.__name__ != "__init__":
        assert signature.return_annotation is not signature.empty, name


def test_hints_name_types_that_exist():
    for _, function in _public():
        typing.get_type_hints(function)
