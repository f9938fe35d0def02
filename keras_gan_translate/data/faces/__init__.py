"""Faces in photos: found, aligned, cut out and pasted back."""

from keras_gan_translate.data.faces.aligning import align_face, paste_face
from keras_gan_translate.data.faces.finding import Face, find_faces
from keras_gan_translate.data.faces.preparing import (
    PreparedFaces,
    prepare_faces,
)
