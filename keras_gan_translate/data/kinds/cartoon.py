"""Photos, cartoons, and the cartoons with blurred edges."""

from keras_gan_translate.data.directions import CARTOONS, PICTURES
from keras_gan_translate.data.edge_smoothing import smooth_edges
from keras_gan_translate.data.kinds.unpaired import Unpaired
from keras_gan_translate.data.store import map_images


class Cartoon(Unpaired):
    """As unpaired, and "smooth": each cartoon with its edges blurred.

    Reference:
        Chen, Lai, Liu, "CartoonGAN: Generative Adversarial Networks for Photo
        Cartoonization", 2018, section 3.1.
    """

    name = "cartoon"
    about = "photos, A, and cartoons, B"
    words = (
        (PICTURES | {"selfie", "selfies", "real", "face", "faces"}, CARTOONS),
        *Unpaired.words,
    )

    def groups(self, arrays):
        a, b = arrays["a"], arrays["b"]
        if b.dtype != "uint8":
            raise ValueError(
                "Edges are smoothed in uint8 images, b has floats."
            )
        smooth = map_images(smooth_edges, b, "Smoothing edges")
        return [{"a": a}, {"b": b, "smooth": smooth}]
