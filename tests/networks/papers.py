"""The papers' networks, by the names of their fixtures."""

from keras_gan_translate.networks import (
    patch_discriminator,
    pixel_discriminator,
    resnet_generator,
    unet_generator,
)

UGATIT_GENERATOR = {
    "num_blocks": 8,
    "normalization": "adalin",
    "attention": "cam",
    "upsampling": "nearest",
    "downsampling_padding": "reflect",
    "initializer": "torch",
}
UGATIT_DISCRIMINATOR = {
    "normalization": "spectral",
    "attention": "cam",
    "padding": "reflect",
    "max_multiplier": None,
    "initializer": "torch",
}

# name: (function from filters and image size, full-size parameters)
NETWORKS = {
    "ugatit_gen_light": (
        lambda filters, size: resnet_generator(filters, **UGATIT_GENERATOR),
        10_589_888,
    ),
    "ugatit_gen_full": (
        lambda filters, size: resnet_generator(
            filters, light=False, image_size=size, **UGATIT_GENERATOR
        ),
        278_959_808,
    ),
    "ugatit_dis_global": (
        lambda filters, size: patch_discriminator(
            filters, 5, **UGATIT_DISCRIMINATOR
        ),
        53_130_176,
    ),
    "ugatit_dis_local": (
        lambda filters, size: patch_discriminator(
            filters, 3, **UGATIT_DISCRIMINATOR
        ),
        3_290_560,
    ),
    "cyclegan_gen_resnet9": (
        lambda filters, size: resnet_generator(filters),
        11_378_179,
    ),
    "cyclegan_gen_resnet6_batch": (
        lambda filters, size: resnet_generator(
            filters, 6, "batch", dropout=0.5
        ),
        7_841_411,
    ),
    "cyclegan_dis_patchgan": (
        lambda filters, size: patch_discriminator(filters),
        2_764_737,
    ),
    "cyclegan_dis_pixel": (
        lambda filters, size: pixel_discriminator(filters),
        8_705,
    ),
    "pix2pix_dis_patchgan": (
        lambda filters, size: patch_discriminator(
            filters, normalization="batch", channels=6
        ),
        2_768_705,
    ),
    "pix2pix_gen_unet256": (
        # The fixture in training mode was made with dropout 0.
        lambda filters, size: unet_generator(filters, dropout=0.0),
        54_413_955,
    ),
}
