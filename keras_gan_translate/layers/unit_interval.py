"""The constraint of AdaLIN's mixing weight."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_translate")
class UnitInterval(keras.constraints.Constraint):
    """Keeps a weight in [0, 1]; the optimizer clips it after every step.

    Example:
        >>> UnitInterval()(keras.ops.array([-1.0, 0.5, 2.0]))
        [0.0, 0.5, 1.0]
    """

    def __call__(self, value):
        return ops.clip(value, 0.0, 1.0)
