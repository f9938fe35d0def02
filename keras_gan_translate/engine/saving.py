"""What a `.keras` file has to hold for training to go on from it."""

import inspect
import os

import keras
from keras import ops

from keras_gan_translate.support.messages import check_format, near_matches

FORMAT = 1  # of what `get_config` says and of how weights are ordered


class Saving:
    """The half of `GAN` that Keras saves and loads.

    It needs `compile`, its `_compile_options`, and `optimizer`.
    """

    def __new__(cls, *args, **kwargs):
        _check_names(cls, kwargs)
        model = super().__new__(cls, *args, **kwargs)
        # Keras' own record of a Model's arguments holds their defaults only.
        bound = inspect.signature(cls.__init__).bind(model, *args, **kwargs)
        bound.apply_defaults()
        arguments = dict(list(bound.arguments.items())[1:])
        arguments |= arguments.pop("kwargs", {})
        vars(model)["_arguments"] = {
            # A config holds no `pathlib.Path`.
            name: os.fspath(value) if isinstance(value, os.PathLike) else value
            for name, value in arguments.items()
        }
        return model

    def get_config(self):
        # Keras' config comes last: it holds name and dtype, serialized.
        return {"format": FORMAT} | self._arguments | super().get_config()

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        # Files of before the formats were numbered are of the first.
        check_format(
            f"The saved {cls.__name__}", config.pop("format", 1), FORMAT
        )
        return super().from_config(config, custom_objects)

    def get_compile_config(self):
        if not self.compiled:
            return {}
        return {
            "optimizer": keras.saving.serialize_keras_object(self.optimizer),
            **self._compile_options,
        }

    def compile_from_config(self, config):
        optimizer = keras.saving.deserialize_keras_object(config["optimizer"])
        # Whoever loads it may have another machine than who saved it.
        self.compile(**config | {"optimizer": optimizer, "jit_compile": "auto"})

    def save_own_variables(self, store):
        super().save_own_variables(store)
        for i, state in enumerate(self._seed_states()):
            store[f"seed_{i}"] = ops.convert_to_numpy(state)

    def load_own_variables(self, store):
        for i, state in enumerate(self._seed_states()):
            state.assign(store[f"seed_{i}"])
        super().load_own_variables(
            {key: store[key] for key in store.keys() if key.isdigit()}
        )

    def _seed_states(self):
        """States of the random generators, which Keras does not save."""
        weights = {id(weight) for weight in self.weights}
        return [v for v in self.variables if id(v) not in weights]


def _check_names(model_class, given):
    """Answers an argument that a model does not have with the nearest."""
    known = []
    for base in model_class.__mro__:
        if base is keras.Model:
            known += ["name", "dtype", "trainable"]
            break
        if "__init__" not in vars(base):
            continue
        parameters = inspect.signature(base.__init__).parameters.values()
        named = [p.name for p in parameters if p.kind != p.VAR_KEYWORD]
        known += named[1:]  # without `self`
        if len(named) == len(parameters):
            break  # it hands nothing on
    for name in given:
        if name not in known:
            known = list(dict.fromkeys(known))
            raise ValueError(
                f"{model_class.__name__} has no argument {name!r}. Arguments: "
                f"{', '.join(known)}.{near_matches(name, known)}"
            )
