"""Training data: folders, arrays, public sets and drawn faces.

Data sets are `tf.data.Dataset`s where TensorFlow is installed, else
`keras.utils.PyDataset`s of the same batches.
"""

from keras_gan_translate.data.arrays import from_arrays
from keras_gan_translate.data.doctor import Diagnosis, Finding, diagnose
from keras_gan_translate.data.drawn.avatars import avatar_labels, avatars
from keras_gan_translate.data.drawn.persons import draw_persons
from keras_gan_translate.data.drawn.scenes import draw_scenes
from keras_gan_translate.data.drawn.synthetic import synthetic_faces
from keras_gan_translate.data.edge_smoothing import smooth_edges
from keras_gan_translate.data.epochs import resume_at
from keras_gan_translate.data.faces import (
    Face,
    PreparedFaces,
    align_face,
    find_faces,
    paste_face,
    prepare_faces,
)
from keras_gan_translate.data.images import (
    ImageError,
    list_images,
    read_image,
    resize_image,
    resize_map,
    to_float,
    to_uint8,
    write_image,
)
from keras_gan_translate.data.pipeline import (
    attribute_pairs,
    attributes,
    cartoon,
    colorization,
    domains,
    identities,
    masked,
    paired,
    semantic,
    sketch,
    super_resolution,
    unpaired,
)
from keras_gan_translate.data.reduction import reduce_images
from keras_gan_translate.data.sources import (
    find_layout,
    from_tfds,
    open_dataset,
)
from keras_gan_translate.data.store import (
    ImageStore,
    decode_images,
    decode_photos,
)
