import numpy as np
import pytest

from keras_gan_translate.checkpoints import import_weights, recognise
from keras_gan_translate.checkpoints.cartoongan import recognise as arguments
from keras_gan_translate.models import CartoonGAN
from keras_gan_translate.models.cartoongan import light_generator
from tests.shared import fixture, shared

PHOTO = ("data", "portraits_color", "astronaut_collins_nasa.jpg")


def published(*folder):
    """The model that a folder of weights holds."""
    path = shared("weights", *folder)
    model = CartoonGAN(vgg_weights=None, **recognise(path).arguments)
    import_weights(model.generator, path)
    return model


def photo(size=192):
    image = pytest.importorskip("PIL.Image")
    with image.open(shared(*PHOTO)) as photo:
        photo = photo.convert("RGB").resize((size, size))
    return np.asarray(photo) / np.float32(127.5) - 1


def luma(image):
    return image @ np.array([0.299, 0.587, 0.114])


def correlation(a, b):
    return np.corrcoef(a.ravel(), b.ravel())[0, 1]


def test_hayao_reproduces_the_reference():
    arrays, _ = fixture("cartoongan_real_hayao")
    # The reference's channels are blue, green, red.
    x, expected = (
        arrays[name].transpose(0, 2, 3, 1)[..., ::-1]
        for name in ("__in__.x", "__out__.image")
    )
    model = published("cartoongan", "hayao")
    image = model.translate(np.ascontiguousarray(x))
    assert np.abs(image - expected).max() <= 1e-4 * expected.std()


@pytest.mark.parametrize("style", ["light_paprika", "light_shinkai"])
def test_light_checkpoints_draw_the_photo_in_its_colours(style):
    pytest.importorskip("tensorflow", reason="it reads the checkpoints")
    model = published("cartoongan_light", style)
    x = photo()
    image = model.translate(x)
    # Units put together in another order return something unlike the photo:
    # 0.3 and less.
    assert correlation(luma(image), luma(x)) > 0.85
    # The suit is orange: redder than blue. With BGR it is not in Paprika.
    suit = image[130:170, 40:70].mean(axis=(0, 1))
    assert suit[0] > suit[2] + 0.2


def test_light_checkpoint_has_no_tensor_left():
    pytest.importorskip("tensorflow", reason="it reads the checkpoints")
    path = shared("weights", "cartoongan_light", "light_paprika")
    with pytest.raises(ValueError, match="Surplus: residual_blocks/layer-7"):
        import_weights(light_generator(96, num_blocks=7), path)


def test_arguments_follow_from_the_tensors():
    full = {f"conv{i:02}_1.weight": (8, 8, 3, 3) for i in range(1, 10)}
    assert arguments(full | {"deconv03_1.weight": (3, 8, 7, 7)}) == {
        "filters": 8,
        "num_blocks": 6,
        "light": False,
    }
    units = {
        f"residual_blocks/layer-{i}/model/layer-0/kernel": (1, 1, 8, 8)
        for i in range(3)
    }
    light = units | {"flat_conv1/model/layer-1/kernel": (5, 5, 3, 16)}
    assert arguments(light) == {"filters": 16, "num_blocks": 3, "light": True}
    assert arguments({"model.1.weight": (64, 3, 7, 7)}) is None
