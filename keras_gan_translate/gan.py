"""The contract every model of the zoo implements."""

import contextlib
import difflib
import inspect

import keras
import numpy as np
from keras import ops

from keras_gan_translate import backend
from keras_gan_translate.optimizers import MultiOptimizer


class GAN(keras.Model):
    """A game between players, trained with `compile()` and `fit()`.

    A subclass names its players and the networks each of them trains, and
    gives every player a loss method; training, mixed precision, logging,
    saving and translating are here, the same on TensorFlow and on JAX.

        class CycleGAN(GAN):
            players = {
                "generator": ("generator_ab", "generator_ba"),
                "discriminator": ("discriminator_a", "discriminator_b"),
            }
            loss_weights = {"cycle": 10.0, "identity": 5.0}
            directions = {"ab": "generator_ab", "ba": "generator_ba"}

            def generator_loss(self, batch, training=True):
                return {"cycle": {"a": ..., "b": ...}}, {"fake_a": ...}

    A loss method, `<player>_loss(batch, training)`, returns two dicts: its
    unweighted losses (scalars, or dicts of the scalars that make one up), and
    tensors that later players find in their `batch`. A player's step
    differentiates the weighted sum with respect to that player's networks
    and to nothing else, so whatever earlier players made is a constant.

    Class attributes:
        players: player -> names of its networks; the order is the schedule.
        loss_weights: loss -> weight, 1.0 where absent. `"cycle"` holds for
            the cycle loss of all players, `"discriminator_cycle"` for one.
        directions: direction -> name of the network that translates that way.
        batch_keys: what a batch consists of. `fit()` takes dicts with these
            keys, or tuples in this order.
        image_keys: which of them are images, (N, H, W, C) in [-1, 1]; uint8
            images are converted.
        task, data: what `list_models` says of the model.
        stages: names of the training stages that `compile(stage=)` offers.
        total_steps: length of the published training, in steps.
        monitor: the generator's loss by which checkpoints are compared.

    Args:
        image_size: height and width of the training images, or None if any.
        loss_weights: dict of weights that replace the class's own.
        **kwargs: `name` and `dtype` of `keras.Model`.
    """

    players = {}
    loss_weights = {}
    directions = {}
    batch_keys = ("a", "b")
    image_keys = ("a", "b")
    task = "image translation"
    data = "unpaired"
    stages = ()
    total_steps = 100_000
    monitor = "cycle"

    def __new__(cls, *args, **kwargs):
        model = super().__new__(cls, *args, **kwargs)
        # Keras' own record of a Model's arguments holds their defaults only.
        bound = inspect.signature(cls.__init__).bind(model, *args, **kwargs)
        bound.apply_defaults()
        arguments = dict(list(bound.arguments.items())[1:])
        arguments |= arguments.pop("kwargs", {})
        vars(model)["_arguments"] = arguments
        return model

    def __init__(self, image_size=None, loss_weights=None, **kwargs):
        super().__init__(**kwargs)
        if image_size is not None and (image_size < 32 or image_size % 4):
            raise ValueError(
                f"{type(self).__name__} trains on images of 32 pixels or more, "
                f"in multiples of 4. Received: image_size={image_size}."
            )
        self.image_size = image_size
        for name in loss_weights or {}:
            if name not in type(self).loss_weights:
                raise ValueError(
                    f"{type(self).__name__} has no loss weight {name!r}; "
                    f"it has {type(self).loss_weights}."
                    + suggest(name, type(self).loss_weights)
                )
        self.loss_weights = type(self).loss_weights | (loss_weights or {})
        self.loss_means = LossMeans()
        self.ema_momentum = None

    # What a subclass may override.

    def default_optimizer(self, player, total_steps):
        """The paper's optimizer of a player, learning-rate schedule included.

        Args:
            player: one of `players`.
            total_steps: number of steps the schedule stretches over.

        Returns:
            A new `keras.optimizers.Optimizer`.
        """
        return keras.optimizers.Adam(2e-4, beta_1=0.5)

    def update(self, batch):
        """One step of the game: every player plays once, in order.

        Override it for other schedules (five steps of a critic, stages).

        Args:
            batch: dict of tensors.

        Returns:
            Dict of unweighted scalar losses, named `<player>_<loss>`.
        """
        logs = {}
        for player in self.players:
            logs |= self.play(player, batch)
        return logs

    @property
    def size_multiple(self):
        """Height and width of a translated image are multiples of this."""
        return 4

    @property
    def fixed_size(self):
        """The one image size the generators take, or None if any."""
        return None

    # What a subclass uses.

    def play(self, player, batch):
        """One optimizer step of one player.

        Args:
            player: one of `players`.
            batch: dict of tensors; tensors the loss shares are added to it.

        Returns:
            Dict of unweighted scalar losses, named `<player>_<loss>`.
        """
        optimizer = self.optimizer[player]
        variables = self.player_variables(player)

        def loss():
            losses, shared = getattr(self, f"{player}_loss")(batch, True)
            losses, total = self._weigh(player, losses)
            # Replicas' gradients are summed by the optimizer.
            total = total / backend.num_replicas()
            return optimizer.scale_loss(total), (losses, shared)

        (losses, shared), grads = backend.gradients(loss, variables)
        backend.apply_gradients(optimizer, grads, variables)
        batch.update(shared)
        return losses

    def every(self, interval, player, function):
        """`interval * function()` in every n-th step of a player, else 0.

        For lazy regularisers. Only the chosen branch is computed, so the
        function must not assign variables.

        Args:
            interval: number of steps.
            player: the player whose steps are counted.
            function: without arguments, returns a scalar.

        Returns:
            float32 scalar.

        Reference:
            Karras et al., "Analyzing and Improving the Image Quality of
            StyleGAN", 2020, section 3.1.
        """
        step = ops.convert_to_tensor(self.optimizer[player].iterations)
        return ops.cond(
            ops.equal(step % interval, 0),
            lambda: interval * ops.cast(function(), "float32"),
            lambda: ops.zeros((), "float32"),
        )

    def player_variables(self, player):
        """The trainable variables of a player's networks, as a list."""
        return [
            variable
            for name in self.players[player]
            for variable in getattr(self, name).trainable_variables
        ]

    # Training.

    def compile(
        self,
        optimizer=None,
        *,
        total_steps=None,
        stage=None,
        clipnorm=None,
        ema_momentum=None,
        jit_compile="auto",
        steps_per_execution=1,
        run_eagerly=False,
    ):
        """Prepares training; without arguments, by the paper's recipe.

        Args:
            optimizer: None, a `keras.optimizers.Optimizer` of which every
                player gets a copy, or a dict from players to optimizers;
                players that are absent keep the paper's.
            total_steps: steps that the paper's learning-rate schedule is
                stretched over; the published number if None.
            stage: one of `stages`; the last if None.
            clipnorm: each gradient's largest norm, per variable.
            ema_momentum: keep a moving average of the generators' weights
                with this momentum, e.g. 0.999; `translate` then uses it.
            jit_compile: XLA or not; "auto" means on accelerators and on JAX.
            steps_per_execution: as in Keras.
            run_eagerly: as in Keras.

        Raises:
            ValueError: an unknown player or stage, or float16 with XLA under
                MirroredStrategy, which hangs.
        """
        if stage is not None and stage not in self.stages:
            raise ValueError(
                f"{type(self).__name__} has the stages {self.stages}, "
                f"not {stage!r}." + suggest(stage, self.stages)
            )
        self.stage = stage or (self.stages[-1] if self.stages else None)
        self.ema_momentum = ema_momentum
        if not isinstance(optimizer, MultiOptimizer):
            optimizer = self._players_optimizers(
                optimizer, total_steps or self.total_steps, clipnorm
            )
        if jit_compile == "auto":
            jit_compile = backend.use_xla() and not run_eagerly
        self._refuse_hanging_combination(jit_compile)
        optimizer.build({p: self.player_variables(p) for p in self.players})
        self.built = True
        super().compile(
            optimizer=optimizer,
            jit_compile=jit_compile,
            steps_per_execution=steps_per_execution,
            run_eagerly=run_eagerly,
            auto_scale_loss=False,  # every player's optimizer has its own
        )
        self._compile_options = {
            "stage": self.stage,
            "ema_momentum": ema_momentum,
            "jit_compile": jit_compile,
            "steps_per_execution": steps_per_execution,
            "run_eagerly": run_eagerly,
        }

    def train_step(self, *args):
        if backend.BACKEND == "tensorflow":
            return self._train(*args)
        return backend.stateless_step(self._train, self._state(), *args)

    def test_step(self, *args):
        if backend.BACKEND == "tensorflow":
            return self._test(*args)
        trainable, others, _, metrics = self._state()
        return backend.stateless_step(
            self._test, (trainable, others, metrics), *args
        )

    def make_train_function(self, force=False):
        if self.train_function is None or force:
            super().make_train_function(force)
            self.train_function = backend.keep_state(
                self.train_function, self._state()
            )
        return self.train_function

    def _state(self):
        """All variables, in the order of Keras' JAX trainer."""
        return (
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        )

    def _train(self, data):
        return self.loss_means.update(self.update(self._as_batch(data)))

    def _test(self, data):
        batch, logs = self._as_batch(data), {}
        for player in self.players:
            losses, shared = getattr(self, f"{player}_loss")(batch, False)
            logs |= self._weigh(player, losses)[0]
            batch.update(shared)
        return self.loss_means.update(logs)

    def get_metrics_result(self):
        return self.loss_means.result()

    def _weigh(self, player, losses):
        """(logs named `<player>_<loss>`, weighted sum), float32."""
        logs, total = {}, 0.0
        for name, value in losses.items():
            parts = value.values() if isinstance(value, dict) else [value]
            value = sum(ops.cast(part, "float32") for part in parts)
            logs[f"{player}_{name}"] = value
            total = total + self._loss_weight(player, name) * value
        return logs, total

    def _loss_weight(self, player, name):
        own = self.loss_weights.get(name, 1.0)
        return self.loss_weights.get(f"{player}_{name}", own)

    def _players_optimizers(self, optimizer, total_steps, clipnorm):
        given = optimizer if isinstance(optimizer, dict) else {}
        for player in given:
            if player not in self.players:
                raise ValueError(
                    f"{type(self).__name__} has the players "
                    f"{tuple(self.players)}, not {player!r}."
                    + suggest(player, self.players)
                )
        translators = set(self.directions.values())
        optimizers = {}
        for player, networks in self.players.items():
            if player in given:
                chosen = keras.optimizers.get(given[player])
            elif optimizer is None or given:
                chosen = self.default_optimizer(player, total_steps)
            else:
                chosen = keras.optimizers.get(optimizer)
            config = chosen.get_config()
            config["name"] = f"{player}_optimizer"
            if clipnorm is not None:
                config["clipnorm"] = clipnorm
            if self.ema_momentum is not None and translators & set(networks):
                config["use_ema"] = True
                config["ema_momentum"] = self.ema_momentum
            # A copy: Keras optimizers belong to the variables they first saw.
            chosen = type(chosen).from_config(config)
            if self.dtype_policy.compute_dtype == "float16":
                chosen = keras.optimizers.LossScaleOptimizer(
                    chosen, name=f"{player}_loss_scale"
                )
            optimizers[player] = chosen
        return MultiOptimizer(optimizers)

    def _refuse_hanging_combination(self, jit_compile):
        if (
            backend.num_replicas() > 1
            and jit_compile
            and self.dtype_policy.compute_dtype == "float16"
        ):
            raise ValueError(
                "mixed_float16 with jit_compile=True under MirroredStrategy "
                "hangs in TensorFlow (keras issues 20763, 21366): use "
                "mixed_bfloat16, or compile(jit_compile=False)."
            )

    def _as_batch(self, data):
        """A batch as `fit` hands it over -> dict of tensors, images in [-1, 1]."""
        if isinstance(data, (tuple, list)):
            data = [part for part in data if part is not None]
            if len(data) == 1 and isinstance(data[0], dict):
                data = data[0]
            elif len(data) == len(self.batch_keys):
                data = dict(zip(self.batch_keys, data))
        expected = (
            f"{type(self).__name__} trains on batches with "
            f"{', '.join(self.batch_keys)}: dicts with these keys, or tuples "
            "in this order"
        )
        if not isinstance(data, dict):
            raise ValueError(f"{expected}. Received: {_describe(data)}.")
        missing = set(self.batch_keys) - set(data)
        if missing:
            raise ValueError(f"{expected}. Received keys: {sorted(data)}.")
        return {
            key: self._as_images(key, value)
            if key in self.image_keys
            else ops.convert_to_tensor(value)
            for key, value in data.items()
        }

    def _as_images(self, key, images):
        shape = tuple(images.shape)
        size = self.image_size
        if len(shape) != 4 or (
            size is not None and (shape[1], shape[2]) != (size, size)
        ):
            raise ValueError(
                f"{type(self).__name__}(image_size={size}) trains on images "
                f"(batch, {size}, {size}, channels); batch[{key!r}] has shape "
                f"{shape}. Resize the images, or build the model for theirs."
            )
        if keras.backend.standardize_dtype(images.dtype) == "uint8":
            return ops.cast(images, "float32") / 127.5 - 1.0
        return ops.cast(images, "float32")

    # Translating.

    def translator(self, direction="ab"):
        """The network that translates in a direction.

        Raises:
            ValueError: the model does not translate in that direction.
        """
        if direction not in self.directions:
            raise ValueError(
                f"{type(self).__name__} translates in the directions "
                f"{tuple(self.directions)}, not {direction!r}."
            )
        return getattr(self, self.directions[direction])

    def call(self, images, training=False):
        first = next(iter(self.directions))
        return image_of(self.translator(first)(images, training=training))

    def translate(self, images, direction="ab", batch_size=8, training=False):
        """Translates images of any size; they come back as they went in.

        Sides that are no multiple of `size_multiple` are padded by reflection
        and cropped back. Averaged weights are used where `compile` keeps
        them.

        Args:
            images: (N, H, W, 3) or (H, W, 3), uint8 in 0..255 or float in
                [-1, 1].
            direction: one of `directions`.
            batch_size: number of images translated at once.
            training: run the network as in training (dropout, statistics of
                the batch), which is how pix2pix's authors test.

        Returns:
            NumPy array of the shape and dtype of `images`.

        Raises:
            ValueError: an unknown direction, shape, dtype, range or size.
        """
        network = self.translator(direction)
        return self._map_images(
            images,
            batch_size,
            lambda x: image_of(backend.predict(network, x, training)),
        )

    def attention(self, images, direction="ab", batch_size=8):
        """Where a translator looks: the CAM heatmaps, scaled to [0, 1].

        Args:
            images: as in `translate`.
            direction: one of `directions`.
            batch_size: number of images at once.

        Returns:
            NumPy float32 array (N, H, W, 1) or (H, W, 1), each map scaled to
            its own range.

        Raises:
            ValueError: the network has no attention.
        """
        network = self.translator(direction)
        if not self.has_attention:
            raise ValueError(
                f"{self.directions[direction]} has no attention map: build "
                f'{type(self).__name__} with attention="cam".'
            )

        def heatmap(x):
            maps = backend.predict(network, x, False)["attention"]
            low = maps.min(axis=(1, 2, 3), keepdims=True)
            high = maps.max(axis=(1, 2, 3), keepdims=True)
            maps = (maps - low) / np.maximum(high - low, 1e-8)
            maps = ops.image.resize(maps, x.shape[1:3], "bilinear")
            return ops.convert_to_numpy(maps)

        return self._map_images(images, batch_size, heatmap, as_input=False)

    @property
    def has_attention(self):
        """Whether the translators have an attention map."""
        first = getattr(self, next(iter(self.directions.values())))
        return isinstance(first.output, dict) and "attention" in first.output

    def _map_images(self, images, batch_size, function, as_input=True):
        images = np.asarray(images)
        if images.ndim == 3:
            mapped = self._map_images(
                images[None], batch_size, function, as_input
            )
            return mapped[0]
        x = self._to_float(images)
        height, width = x.shape[1:3]
        x = self._pad(x)
        with self.averaged_weights():
            parts = [
                function(x[i : i + batch_size])
                for i in range(0, len(x), batch_size)
            ]
        mapped = np.concatenate(parts)[:, :height, :width]
        if not as_input:
            return mapped.astype("float32")
        if images.dtype == np.uint8:
            return np.clip(np.rint(mapped * 127.5 + 127.5), 0, 255).astype(
                "uint8"
            )
        return mapped.astype(images.dtype)

    def _to_float(self, images):
        if images.ndim != 4 or not len(images):
            raise ValueError(
                "Images are expected as (N, H, W, channels) or (H, W, "
                f"channels). Received shape: {images.shape}."
            )
        if images.dtype == np.uint8:
            return images.astype("float32") / 127.5 - 1.0
        low, high = float(images.min()), float(images.max())
        if images.dtype.kind != "f" or not (-1.001 <= low <= high <= 1.001):
            raise ValueError(
                "Images are expected as uint8 in 0..255 or float in [-1, 1]. "
                f"Received: {images.dtype} in [{low:g}, {high:g}]. Images in "
                '0..255 need only `.astype("uint8")`; in [0, 1], `* 2 - 1`.'
            )
        return images.astype("float32")

    def _pad(self, x):
        height, width = x.shape[1:3]
        if self.fixed_size and (height, width) != (self.fixed_size,) * 2:
            raise ValueError(
                f"This {type(self).__name__} takes images of "
                f"{self.fixed_size} by {self.fixed_size} pixels only "
                "(U-GAT-IT's full model is tied to one size by its dense "
                f"layer; light=True is not). Received: {height} by {width}."
            )
        down, right = -height % self.size_multiple, -width % self.size_multiple
        # "symmetric" also pads sides that are shorter than the padding.
        return np.pad(x, ((0, 0), (0, down), (0, right), (0, 0)), "symmetric")

    @contextlib.contextmanager
    def averaged_weights(self):
        """Within it the translators hold their moving averages, if kept."""
        pairs = []
        if self.compiled and self.ema_momentum is not None:
            for optimizer in self.optimizer.players.values():
                optimizer = getattr(optimizer, "inner_optimizer", optimizer)
                # Before the first step the averages are zeros.
                if optimizer.use_ema and int(optimizer.iterations):
                    pairs += zip(
                        optimizer._trainable_variables,
                        optimizer._model_variables_moving_average,
                    )
        kept = [ops.convert_to_numpy(variable) for variable, _ in pairs]
        try:
            for variable, average in pairs:
                variable.assign(average)
            yield
        finally:
            for (variable, _), value in zip(pairs, kept):
                variable.assign(value)

    # Saving.

    def get_config(self):
        # Keras' config comes last: it holds name and dtype, serialized.
        return self._arguments | super().get_config()

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


class LossMeans(keras.metrics.Metric):
    """Running means of whatever losses a step reports, by name.

    Names become known when a step is traced, too late to create variables
    under JAX: the variables are two vectors, and names are slots of them.
    """

    capacity = 64

    def __init__(self, name="loss_means"):
        super().__init__(name=name)
        self.slots = {}
        self.totals = self.add_variable((self.capacity,), "zeros", name="totals")
        self.counts = self.add_variable((self.capacity,), "zeros", name="counts")

    def update(self, losses):
        """Adds one step's losses; returns the means of the same names."""
        for name in losses:
            self.slots.setdefault(name, len(self.slots))
        if len(self.slots) > self.capacity:
            raise ValueError(
                f"A model reports {self.capacity} losses at most. Received: "
                f"{sorted(self.slots)}."
            )
        slots = [self.slots[name] for name in losses]
        mask = np.zeros((len(slots), self.capacity), "float32")
        mask[range(len(slots)), slots] = 1.0
        values = ops.stack([ops.stop_gradient(v) for v in losses.values()])
        self.totals.assign_add(ops.matmul(values, mask))
        self.counts.assign_add(mask.sum(axis=0))
        means = self.totals / ops.maximum(self.counts, 1.0)
        return {name: means[self.slots[name]] for name in losses}

    def result(self):
        counts = ops.convert_to_numpy(self.counts)
        totals = ops.convert_to_numpy(self.totals)
        return {
            name: float(totals[slot] / counts[slot])
            for name, slot in self.slots.items()
            if counts[slot]
        }


def image_of(output):
    """The image of a generator, whether or not it returns more with it."""
    return output["image"] if isinstance(output, dict) else output


def logits_of(output):
    """All logits of a discriminator by name: its own, and CAM's if any."""
    if not isinstance(output, dict):
        return {"logits": output}
    return {k: v for k, v in output.items() if k.endswith("logits")}


def suggest(name, known):
    """' Did you mean ...?' with the nearest known names, or nothing."""
    near = difflib.get_close_matches(str(name), [str(k) for k in known])
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else ""


def _describe(data):
    if isinstance(data, (tuple, list)):
        return f"a {type(data).__name__} of {len(data)}"
    return f"{type(data).__name__} of shape {getattr(data, 'shape', '?')}"
