import math

import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_translate.models.srgan import (
    SRGAN,
    sr_resnet,
    vgg_discriminator,
)
from tests.test_gan import changed, values

TINY = {
    "image_size": 32,
    "filters": 4,
    "num_blocks": 1,
    "vgg_weights": None,
}


def batch(scale=4, count=2):
    rng = np.random.default_rng(0)
    return {
        key: rng.uniform(-1, 1, (count, size, size, 3)).astype("float32")
        for key, size in (("a", 32 // scale), ("b", 32))
    }


@pytest.mark.parametrize(
    ("build", "parameters"),
    [
        (sr_resnet, 1_547_350),
        (lambda: sr_resnet(64, 5, 4, True, "batch", "tanh"), 734_219),
        (lambda: sr_resnet(64, 5, 4, True, "prelu", "tanh"), 734_092),
        (vgg_discriminator, 23_563_649),
    ],
    ids=["paper", "published", "published before 2018", "discriminator"],
)
def test_full_size_has_the_papers_number_of_parameters(build, parameters):
    with keras.StatelessScope(initialize_variables=False):
        shapes = [variable.shape for variable in build().trainable_variables]
    # Else the next scope that ends would initialize them.
    keras.utils.clear_session()
    assert sum(map(math.prod, shapes)) == parameters


@pytest.mark.parametrize("scale", [2, 4, 8])
def test_enlarges_any_size(scale):
    model = SRGAN(scale=scale, **TINY)
    image = np.random.default_rng(0).integers(0, 256, (7, 9, 3), "uint8")
    large = model.translate(image)
    assert large.shape == (7 * scale, 9 * scale, 3)
    assert large.dtype == "uint8"
    assert model.image_size_of("a") == 32 // scale


def test_pretraining_trains_the_generator_alone_by_pixels():
    model = SRGAN(**TINY)
    model.compile(stage="pretrain")
    kept = {p: values(model.player_variables(p)) for p in model.players}
    logs = model.fit(batch(), batch_size=2, verbose=0).history
    assert sorted(logs) == ["generator_content", "loss"]
    moved = {
        player: changed(kept[player], model.player_variables(player))
        for player in model.players
    }
    assert all(moved["generator"]) and not any(moved["discriminator"])


def test_the_stages_follow_the_papers_schedule():
    model = SRGAN(**TINY)
    model.compile(stage="pretrain")
    assert model.total_steps == 1_000_000
    assert float(model.optimizer["generator"].learning_rate) == pytest.approx(
        1e-4
    )
    model.compile()
    assert (model.stage, model.total_steps) == ("adversarial", 200_000)
    schedule = model.default_optimizer("generator", 200_000)._learning_rate
    for step, rate in ((0, 1e-4), (99_999, 1e-4), (100_001, 1e-5)):
        assert float(schedule(step)) == pytest.approx(rate)


def test_perceptual_weights_are_for_the_adversarial_stage_only():
    model = SRGAN(**TINY | {"vgg_weights": "no such file.h5"})
    data = batch()
    model.compile(stage="pretrain")
    model.fit(data, batch_size=2, verbose=0)
    model.translate(data["a"])
    model.compile(stage="adversarial")
    with pytest.raises(FileNotFoundError, match="no such file.h5"):
        model.fit(data, batch_size=2, verbose=0)


def test_losses_are_those_of_the_paper():
    model = SRGAN(**TINY)
    data = {key: ops.array(value) for key, value in batch().items()}
    losses, shared = model.generator_loss(data, training=False)
    fake, b = shared["fake_b"], data["b"]
    of_fake, of_real = (
        np.array(model.features(x)["block5_conv4"]) / 12.75 for x in (fake, b)
    )
    assert float(losses["content"]) == pytest.approx(
        np.mean((of_fake - of_real) ** 2), rel=1e-4
    )
    judged = {
        name: 1 / (1 + np.exp(-np.array(model.discriminator(x))))
        for name, x in (("fake", fake), ("real", b))
    }
    assert float(losses["adversarial"]) == pytest.approx(
        -np.log(judged["fake"]).mean(), rel=1e-5
    )
    losses, _ = model.discriminator_loss(data | shared, training=False)
    assert float(losses["adversarial"]) == pytest.approx(
        -np.log(judged["real"]).mean() - np.log(1 - judged["fake"]).mean(),
        rel=1e-5,
    )


def test_errors_teach():
    with pytest.raises(ValueError, match="scale=3.*2, 4, 8"):
        SRGAN(scale=3)
    with pytest.raises(ValueError, match="multiple of 8.*image_size=36"):
        SRGAN(image_size=36, scale=8)
    with pytest.raises(ValueError, match="image_size=None"):
        SRGAN(image_size=None)
    with pytest.raises(ValueError, match="Did you mean 'prelu'"):
        SRGAN(**TINY, trunk_end="relu")
    model = SRGAN(**TINY)
    model.compile()
    with pytest.raises(ValueError, match=r"\(batch, 8, 8, channels\)"):
        model.fit(batch(scale=2), verbose=0)
