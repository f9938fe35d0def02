"""Training data: folders, arrays, public sets and drawn faces.

Everything imports without TensorFlow; what returns a `tf.data.Dataset` needs
it when called.
"""

from keras_gan_translate.data.epochs import resume_at
from keras_gan_translate.data.images import (
    ImageError,
    list_images,
    read_image,
    resize_image,
    to_float,
    to_uint8,
    write_image,
)
from keras_gan_translate.data.layouts import (
    Layout,
    find_layout,
    match_folders,
)
from keras_gan_translate.data.pipeline import paired, unpaired
from keras_gan_translate.data.sources import (
    from_arrays,
    from_tfds,
    open_dataset,
)
from keras_gan_translate.data.store import ImageStore, decode_images
from keras_gan_translate.data.synthetic import synthetic_faces
