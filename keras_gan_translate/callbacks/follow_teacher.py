"""Online distillation: a teacher that is being trained, too."""

from __future__ import annotations

import logging
from collections.abc import Callable

import keras

logger = logging.getLogger("keras_gan_translate")


class FollowTeacher(keras.callbacks.Callback):
    """Before every epoch the teacher of a `Distilled` is what it is by then.

    The teacher is trained somewhere else, by another process or by turns with
    its student; its weights are read anew, and nothing else is: the adversary
    goes its own way. What cannot be read, does not fit or is not finite is
    said, and the weights of before stay.

    A run replaces each of its files as a whole, so that one which is written
    right now is either the old or the new one. A translator of several
    networks may for one epoch be made of two successive ones.

    What `Resume` promises holds but for the teacher: the student, its
    optimizers and the order of the photos go on to the last bit, by the
    teacher's weights of that day.

    Args:
        load: function without arguments that returns the teacher, as
            `Distilled` takes it, of the same architecture.

    Reference:
        Ren, Wu, Xiao, Yang, "Online Multi-Granularity Distillation for GAN
        Compression", 2021, arXiv:2108.06908.

    Example:
        teacher = kgt.callbacks.FollowTeacher(
            lambda: kgt.load("runs/anime", "last")
        )
        model.fit(photos, epochs=100, callbacks=[teacher])
    """

    def __init__(self, load: Callable):
        super().__init__()
        self.load = load

    def on_epoch_begin(self, epoch, logs=None):
        try:
            self.model.follow(self.load())
        except (ValueError, OSError) as error:
            logger.warning(
                "The teacher stays as it was, for epoch %d: %s",
                epoch + 1,
                error,
            )
