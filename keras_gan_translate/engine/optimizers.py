"""What GAN papers need of optimizers and Keras does not have."""

from __future__ import annotations

import types
import typing

import keras
from keras import ops

from keras_gan_translate import backend

SCALES = (1.0, 2.0**30)  # of float16 losses, the least and the largest


@keras.saving.register_keras_serializable("keras_gan_translate")
class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Constant learning rate, then linear to zero.

    Args:
        initial_learning_rate: the constant part's rate.
        total_steps: step at which the rate reaches zero.
        start: first step that is scaled down; half of `total_steps` if None.

    Reference:
        Zhu et al., "Unpaired Image-to-Image Translation using
        Cycle-Consistent Adversarial Networks", 2017, section 4.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        total_steps: int,
        start: int | None = None,
    ):
        super().__init__()
        self.initial_learning_rate = initial_learning_rate
        self.total_steps = total_steps
        self.start = total_steps // 2 if start is None else start

    def __call__(self, step):
        span = max(self.total_steps - self.start, 1)
        # The published loops lower the rate before the step they count.
        passed = ops.cast(step, "float32") + 1.0 - self.start
        factor = 1.0 - ops.clip(passed / span, 0.0, 1.0)
        return self.initial_learning_rate * factor

    def get_config(self):
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "total_steps": self.total_steps,
            "start": self.start,
        }


@keras.saving.register_keras_serializable("keras_gan_translate")
class Factored(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule times a factor, which callbacks may change while it runs.

    Args:
        schedule: a `LearningRateSchedule`.

    Attributes:
        factor: float32 variable, 1.0 until somebody sets a learning rate.
    """

    def __init__(
        self, schedule: keras.optimizers.schedules.LearningRateSchedule
    ):
        super().__init__()
        self.schedule = schedule
        self.factor = keras.Variable(
            1.0, trainable=False, dtype="float32", name="learning_rate_factor"
        )

    def __call__(self, step):
        return self.factor * ops.cast(self.schedule(step), "float32")

    def get_config(self):
        return {"schedule": keras.optimizers.schedules.serialize(self.schedule)}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(
            keras.optimizers.schedules.deserialize(
                config["schedule"], custom_objects
            )
        )


@keras.saving.register_keras_serializable("keras_gan_translate")
class Adam(keras.optimizers.Adam):
    """Adam to the letter of its Algorithm 1, with optional L2.

    Differs from `keras.optimizers.Adam` in two points in which the published
    training runs differ too: epsilon is added to the bias-corrected root
    (Keras adds it before the correction, 30 times more at the first step),
    and `l2` is added to the gradient, where Keras' `weight_decay` bypasses
    the moments.

    Args:
        learning_rate, beta_1, beta_2, epsilon: as in Keras.
        l2: coefficient of the weights that is added to their gradient.
        **kwargs: of `keras.optimizers.Optimizer`.

    Reference:
        Kingma & Ba, "Adam: A Method for Stochastic Optimization", 2015.
    """

    def __init__(
        self,
        learning_rate: typing.Any = 2e-4,
        beta_1: float = 0.5,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        l2: float = 0.0,
        **kwargs,
    ):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **kwargs)
        self.l2 = l2

    def update_step(self, gradient, variable, learning_rate):
        dtype = variable.dtype
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        rate = ops.cast(learning_rate, dtype)
        step = ops.cast(self.iterations + 1, dtype)
        betas = (self.beta_1, self.beta_2)
        powers = [ops.power(ops.cast(beta, dtype), step) for beta in betas]
        # Algorithm 1 with both corrections moved out of the tensors.
        root = ops.sqrt(1.0 - powers[1])
        epsilon = self.epsilon * root
        gradient = ops.cast(gradient, dtype)
        if self.l2:
            gradient = gradient + self.l2 * variable
        if backend.fused_adam(
            variable, m, v, gradient, rate, betas, powers, epsilon
        ):
            return
        self.assign_add(m, (gradient - m) * (1.0 - self.beta_1))
        self.assign_add(v, (ops.square(gradient) - v) * (1.0 - self.beta_2))
        rate = rate * root / (1.0 - powers[0])
        self.assign_sub(variable, rate * m / (ops.sqrt(v) + epsilon))

    def get_config(self):
        return super().get_config() | {"l2": self.l2}


@keras.saving.register_keras_serializable("keras_gan_translate")
class MultiOptimizer(keras.optimizers.Optimizer):
    """All players' optimizers behind the one that Keras knows of.

    `optimizer["generator"]` is one of them; `variables` is their
    concatenation, so that Keras' trainers carry, and `.keras` files keep,
    the state of every one. `learning_rate` is that of the generator; to set
    it multiplies the rates of all players by the same factor, whatever
    their schedules say. Keras' callbacks find every player in `optimizers`.

    Args:
        optimizers: dict from a player's name to its optimizer.
    """

    def __init__(
        self,
        optimizers: dict[str, keras.optimizers.Optimizer],
        name: str = "multi_optimizer",
    ):
        super().__init__(learning_rate=0.0, name=name)
        # Keras saves optimizers that it finds in a dict once more.
        self.players = types.MappingProxyType(dict(optimizers))

    def __getitem__(self, player):
        return self.players[player]

    def build(self, variables):
        """Creates every player's state; `variables` maps player to list."""
        if self.built:
            return
        for player, optimizer in self.players.items():
            optimizer.build(variables[player])
        self.built = True

    @property
    def variables(self):
        own = [v for o in self.players.values() for v in o.variables]
        return own + self.factors

    @property
    def factors(self):
        """Of the schedules, which Keras' optimizers do not track."""
        rates = [_schedule_of(o) for o in self.players.values()]
        return [rate.factor for rate in rates if rate is not None]

    @property
    def optimizers(self):
        """What Keras' callbacks look for: rates and averages of players."""
        return [PlayerRate(o) for o in self.players.values()]

    @property
    def iterations(self):
        return next(iter(self.players.values())).iterations

    @property
    def learning_rate(self):
        first = next(iter(self.players))
        return self.players.get("generator", self.players[first]).learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        now = float(ops.convert_to_numpy(self.learning_rate))
        if not now:
            raise ValueError(
                "The learning rate is 0, of which no other rate is a multiple: "
                "set the players' own, "
                + ", ".join(
                    f'optimizer["{p}"].learning_rate' for p in self.players
                )
                + "."
            )
        for rate in self.optimizers:
            own = float(ops.convert_to_numpy(rate.learning_rate))
            rate.learning_rate = own * (value / now)

    def finalize_variable_values(self, var_list):
        # Averages stay beside the weights (`GAN.averaged_weights`): training
        # goes on from the weights, not from their average.
        pass

    def load_own_variables(self, store):
        count = len(store.keys())
        if count == len(self.variables) - len(self.factors):
            # Of version 0.1 before schedules had factors: those stay 1.
            for i, variable in enumerate(self.variables[:count]):
                variable.assign(store[str(i)])
            return
        if count != len(self.variables):
            raise ValueError(
                f"The saved optimizers have {len(store.keys())} variables, "
                f"these ({', '.join(self.players)}) have "
                f"{len(self.variables)}: compile the model as it was when it "
                "was saved, or load it with compile=False."
            )
        super().load_own_variables(store)

    def get_config(self):
        return {
            "name": self.name,
            "optimizers": {
                player: keras.optimizers.serialize(optimizer)
                for player, optimizer in self.players.items()
            },
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        optimizers = {
            player: keras.optimizers.deserialize(optimizer, custom_objects)
            for player, optimizer in config["optimizers"].items()
        }
        return cls(optimizers, name=config["name"])


def keep_scale(optimizer):
    """Keeps the scale of a float16 loss where it can recover.

    Keras halves it without end: at zero, gradients are 0 / 0. It also doubles
    it without end, and infinity is not halved.

    Args:
        optimizer: a player's; those that scale no loss are left alone.
    """
    if hasattr(optimizer, "dynamic_scale") and backend.num_replicas() == 1:
        scale = ops.clip(optimizer.dynamic_scale, *SCALES)
        optimizer.dynamic_scale.assign(scale)


class PlayerRate:
    """A player's optimizer, whose rate can be set though it has a schedule.

    Args:
        optimizer: a `keras.optimizers.Optimizer`.
    """

    def __init__(self, optimizer: keras.optimizers.Optimizer):
        self._optimizer = getattr(optimizer, "inner_optimizer", optimizer)

    def __getattr__(self, name):
        return getattr(self._optimizer, name)

    @property
    def learning_rate(self):
        return self._optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        schedule = _schedule_of(self._optimizer)
        if schedule is None:
            self._optimizer.learning_rate = value
            return
        planned = schedule.schedule(self._optimizer.iterations)
        planned = float(ops.convert_to_numpy(planned))
        # At its end a schedule is 0 and stays so.
        schedule.factor.assign(value / planned if planned else 1.0)


def _schedule_of(optimizer):
    """The `Factored` schedule of an optimizer, or None."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    rate = inner._learning_rate
    return rate if isinstance(rate, Factored) else None


def player_optimizer(
    optimizer, name, clipnorm=None, ema_momentum=None, scale_loss=False
):
    """A player's own copy of an optimizer, with the options of `compile`.

    Keras optimizers belong to the variables they first saw, so that players
    cannot share one.

    Args:
        optimizer: `keras.optimizers.Optimizer` or its name.
        name: of the copy.
        clipnorm: largest norm of a gradient, or None.
        ema_momentum: of the weights' moving average, or None for no average.
        scale_loss: whether to scale losses, as float16 needs.

    Returns:
        A new, unbuilt optimizer.
    """
    optimizer = keras.optimizers.get(optimizer)
    config = optimizer.get_config() | {"name": name}
    rate = config["learning_rate"]
    if isinstance(rate, dict):
        rate = keras.optimizers.schedules.deserialize(rate)
        if not isinstance(rate, Factored):
            rate = Factored(rate)
        config["learning_rate"] = rate
    if clipnorm is not None:
        config["clipnorm"] = clipnorm
    if ema_momentum is not None:
        config |= {"use_ema": True, "ema_momentum": ema_momentum}
    optimizer = type(optimizer).from_config(config)
    if scale_loss:
        optimizer = keras.optimizers.LossScaleOptimizer(
            optimizer, name=f"{name}_scaled"
        )
    return optimizer
