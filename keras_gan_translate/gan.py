"""The contract every model of the zoo implements."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable

import keras
import numpy as np
from keras import ops

from keras_gan_translate import backend
from keras_gan_translate.engine.batches import (
    as_batch,
    check_data,
    source_of,
)
from keras_gan_translate.engine.devices import check_shares
from keras_gan_translate.engine.faults import Faults, NotFinite
from keras_gan_translate.engine.fitting import (
    Callbacks,
    num_batches,
    release,
)
from keras_gan_translate.engine.loss_means import LossMeans, Sometimes
from keras_gan_translate.engine.optimizers import (
    MultiOptimizer,
    keep_scale,
    player_optimizer,
)
from keras_gan_translate.engine.saving import Saving
from keras_gan_translate.fields import Image
from keras_gan_translate.inference.translating import Translating
from keras_gan_translate.presets.preset import Presets
from keras_gan_translate.support.messages import check_choice, near_matches
from keras_gan_translate.support.types import Batch, Path, Tensor


class GAN(Translating, Saving, Presets, keras.Model):
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
            translators = {
                "ab": Translator("generator_ab", takes=("a",), makes="b"),
                "ba": Translator("generator_ba", takes=("b",), makes="a"),
            }

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
        translators: direction -> `Translator`, the way it translates; the
            first is the usual one.
        drawn: name -> `Field` of what only translating takes, such as a style
            that is drawn at random.
        given_networks: names of networks that the model is given trained and
            leaves as they are, such as a teacher; checkpoints lack them.
        task, data: what `list_models` says of the model; `data` is the name
            of a kind in `keras_gan_translate.data.kinds`.
        kinds: the kinds of data to choose from, where a model has an argument
            `kind`: it then sets its own `data`.
        stages: names of the training stages that `compile(stage=)` offers.
        total_steps: length of the published training, in steps.
        batch_size: of the published training.
        smallest_batch: as many examples a batch has at least, where the
            method draws from the batch itself.
        turns: player -> in how many of as many steps as the largest number it
            plays; 1 where absent. `{"critic": 5}`: the critic in every step,
            the others in every fifth, each step on a batch of its own.
        maker: the player whose networks make what all losses read, once in a
            step, and within whose turn all others play; see `made`. None if
            every loss makes what it needs.
        augmentation: what the published training does to its images: "crop"
            from larger ones, "flip"; to photos alone "scale", "occlusion",
            "light".
        smallest_size, size_step: images have so many pixels a side, or
            multiples of `size_step` more.
        monitor: the generator's loss by which checkpoints are compared; None
            if the newest is the best.

    Attributes:
        batch: name -> `Field`, what a batch consists of. `fit()` takes dicts
            with these keys, or tuples in this order. Two images, "a" and "b",
            unless a subclass sets it in `__init__`.
        load_rest: of a model that was loaded to translate and not trained
            since, a function that loads what only training has, as far as it
            is there, and returns the names of networks that stay untrained;
            else None.

    Args:
        image_size: height and width of the training images, or None if any.
        loss_weights: dict of weights that replace the class's own.
        **kwargs: `name` and `dtype` of `keras.Model`.
    """

    players = {}
    loss_weights = {}
    translators = {}
    drawn = {}
    given_networks = ()
    task = "image translation"
    data = "unpaired"
    kinds = ()
    stages = ()
    total_steps = 100_000
    batch_size = 1
    smallest_batch = 1
    turns = {}
    maker = None
    augmentation = ("crop", "flip")
    smallest_size = 32
    size_step = 4
    monitor = "cycle"

    def __init__(
        self,
        image_size: int | None = None,
        loss_weights: dict[str, float] | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        least, step = self.smallest_size, self.size_step
        if image_size is not None and (image_size < least or image_size % step):
            raise ValueError(
                f"{type(self).__name__} trains on images of {least} pixels or "
                f"more, in multiples of {step}. Received: "
                f"image_size={image_size}."
            )
        self.image_size = image_size
        self.batch = {"a": Image(), "b": Image()}
        for name in loss_weights or {}:
            if name not in type(self).loss_weights:
                raise ValueError(
                    f"{type(self).__name__} has no loss weight {name!r}; "
                    f"it has {type(self).loss_weights}."
                    + near_matches(name, type(self).loss_weights)
                )
        self.loss_weights = type(self).loss_weights | (loss_weights or {})
        self.loss_means, self.faults = LossMeans(), Faults()
        self.step_faults = None  # counts of `faults` after the last step
        self.load_rest = None
        self.training_source = None  # the `BatchSource` that `fit` reads
        self.batches_to_pass = 0  # which an earlier training has had
        self.data_order = 0  # another number, another order of the data
        self.ema_momentum = None
        self.stage = self.stages[-1] if self.stages else None
        if self.turns or type(self).plays is not GAN.plays:
            self.steps = self.add_weight(
                (), "zeros", "int32", trainable=False, name="steps"
            )

    # What a subclass may override.

    @classmethod
    def data_of(cls, arguments: dict) -> str:
        """The kind of data of a model with these arguments.

        Args:
            arguments: dict of the constructor's, maybe of others too.

        Returns:
            Name of a kind in `keras_gan_translate.data.kinds`: the argument
            `kind`, one of `kinds`; `data` where there is none.

        Raises:
            ValueError: the model does not train on such data.
        """
        kind = arguments.get("kind")
        if kind is None:
            return cls.data
        check_choice("kind", kind, cls.kinds or (cls.data,))
        return kind

    def default_optimizer(
        self, player: str, total_steps: int | None
    ) -> keras.optimizers.Optimizer:
        """The paper's optimizer of a player, learning-rate schedule included.

        Args:
            player: one of `players`.
            total_steps: number of steps the schedule stretches over.

        Returns:
            A new `keras.optimizers.Optimizer`.
        """
        return keras.optimizers.Adam(2e-4, beta_1=0.5)

    def update(self, batch: Batch) -> dict[str, Tensor]:
        """One step of the game: every player whose turn it is, in order.

        Override it for other games, such as the stages of a training.

        Args:
            batch: dict of tensors.

        Returns:
            Dict of unweighted scalar losses, named `<player>_<loss>`.
        """
        logs = {}
        for player in [self.maker] if self.maker else self.players:
            condition = True
            if hasattr(self, "steps"):
                step = ops.convert_to_tensor(self.steps)
                condition = self.plays(player, step)
            if condition is True:
                logs |= self.play(player, batch)
            elif condition is not False:
                logs |= self._play_if(condition, player, batch)
        return logs

    def made(self, batch: Batch, training: bool) -> dict:
        """What the losses of all players read: the translations, say.

        It is made once in a step, in the turn of the player `maker`. The
        others play in the midst of that turn, before its losses are computed,
        and see constants: the same game as if they had moved first and each
        had made it for itself, by networks that did not move in between.

        Args:
            batch: dict of tensors.
            training: passed on to the networks.

        Returns:
            Dict of tensors, or of dicts of them; losses find it in `batch`.
        """
        return {}

    def plays(self, player: str, step: Tensor) -> bool | Tensor:
        """Whether it is a player's turn; by `turns`, unless overridden.

        Args:
            player: one of `players`.
            step: int32 scalar, number of the training step, from 0.

        Returns:
            True or False, or a boolean scalar.
        """
        period = max(self.turns.values(), default=1)
        turns = self.turns.get(player, 1)
        # The last of each period, so that the others have learned before.
        return True if turns == period else step % period >= period - turns

    def loss_weight(self, player: str, name: str) -> float | Tensor:
        """A loss' weight in its player's sum; by `loss_weights`.

        Override it for weights that change with `self.steps`, which counts
        where `plays` is overridden or `turns` are declared.

        Args:
            player: one of `players`.
            name: of the loss.

        Returns:
            A number, or a float32 scalar.
        """
        own = self.loss_weights.get(name, 1.0)
        return self.loss_weights.get(f"{player}_{name}", own)

    def prepare(self) -> None:
        """Called before training or evaluation; loads what only they need."""

    # What a subclass uses.

    def play(
        self, player: str, batch: Batch, times: int = 1
    ) -> dict[str, Tensor]:
        """One optimizer step of one player, or several on the same batch.

        Args:
            player: one of `players`.
            batch: dict of tensors; tensors the loss shares are added to it.
            times: number of steps; they are traced once.

        Returns:
            Dict of unweighted scalar losses, named `<player>_<loss>`.
        """
        losses, shared = backend.repeat(
            times, lambda: self.turn(player, dict(batch))
        )
        batch.update(shared)
        return losses

    def _play_if(self, condition, player, batch):
        """As `play`, if it is the player's turn; its losses count then."""
        losses = backend.only_if(
            condition, lambda: self.turn(player, dict(batch))[0]
        )
        weight = ops.cast(condition, "float32")
        return {k: Sometimes(loss, weight) for k, loss in losses.items()}

    def turn(self, player: str, batch: Batch) -> tuple[dict, dict]:
        """A player's step, which `play` runs: its gradient, and its optimizer.

        Override it for a step of several gradients, or of several players
        who differentiate before any of them moves.

        Args:
            player: one of `players`.
            batch: dict of tensors.

        Returns:
            (losses, tensors shared with later players), dicts.
        """
        losses, shared, gradients = self.differentiate(player, batch)
        self.step(player, gradients)
        return losses, shared

    def differentiate(
        self,
        players: str | tuple[str, ...],
        batch: Batch,
        of: str | None = None,
        only: Iterable[str] | None = None,
    ) -> tuple[dict, dict, list]:
        """The gradients of losses with respect to players' networks.

        Args:
            players: one of `players`, or several, whose networks these are.
            batch: dict of tensors.
            of: the player whose losses they are; the first if None.
            only: names of those that count; all if None.

        Returns:
            (losses, tensors shared with later players, gradients); a list of
            gradients for one player, for several a list of such lists.
        """
        several = not isinstance(players, str)
        players = players if several else (players,)
        of = of or players[0]
        variables = [self.player_variables(player) for player in players]

        def loss():
            read, earlier = batch, {}
            if of == self.maker:
                read, earlier = self._made_for_all(batch)
            losses, shared = getattr(self, f"{of}_loss")(read, True)
            if only is not None:
                losses = {name: losses[name] for name in only}
            losses, total = self._weigh(of, losses)
            # Replicas' gradients are summed by the optimizer.
            total = total / backend.num_replicas()
            losses = earlier | losses
            return self.optimizer[of].scale_loss(total), (losses, shared)

        (losses, shared), flat = backend.gradients(
            loss, sum(variables, []), self.jit_compile
        )
        flat = iter(flat)
        gradients = [[next(flat) for _ in of_one] for of_one in variables]
        return losses, shared, gradients if several else gradients[0]

    def _made_for_all(self, batch):
        """What the maker's losses read, once the others have played.

        Returns:
            (batch with what is made, the others' losses)
        """
        made, losses = self.made(batch, True), {}
        constant = keras.tree.map_structure(ops.stop_gradient, made)
        for player in self.players:
            if player != self.maker:
                losses |= self.play(player, batch | constant)
        return backend.after(losses, batch | made), losses

    def step(self, player: str, gradients: list[Tensor]) -> None:
        """One step of a player's optimizer."""
        self.faults.note_gradients(player, gradients)
        optimizer = self.optimizer[player]
        backend.apply_gradients(
            optimizer, gradients, self.player_variables(player)
        )
        keep_scale(optimizer)

    def every(
        self, interval: int, player: str, function: Callable[[], Tensor]
    ) -> Tensor:
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

    def player_variables(self, player: str) -> list[keras.Variable]:
        """The trainable variables of a player's networks, as a list."""
        return [
            variable
            for name in self.players[player]
            for variable in getattr(self, name).trainable_variables
        ]

    def export_translator(
        self, folder: Path, direction: str | None = None, **options
    ) -> list[dict]:
        """Exports a translator and proves every artefact equal to it.

        Args:
            folder: is made if absent.
            direction: one of `translators`; the first if None.
            **options: of `keras_gan_translate.export.export_translator`:
                formats, precisions, image_size, images and more.

        Returns:
            List of dicts, for every artefact what was measured.
        """
        from keras_gan_translate.export import export_translator

        return export_translator(self, folder, direction, **options)

    # Training.

    def fit(
        self,
        x: typing.Any = None,
        y: typing.Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: typing.Any = None,
        *args,
        **kwargs,
    ) -> keras.callbacks.History:
        """As `keras.Model.fit`; says first what the data lack.

        Where losses are no numbers any more, it begins again if a callback
        goes back for it, as `callbacks.KeepFinite` does.

        Args:
            x: a data set of batches, or arrays: a dict by the names in
                `batch`, or the first of them.
            y: the second array, if `x` is the first.
            batch_size: examples in a batch, if `x` is arrays; 32 if None.
            epochs: as in Keras.
            verbose: as in Keras.
            callbacks: as in Keras. Those with a method `release` have it
                called in the end, whether training succeeds or not.
            *args: of Keras' `fit`.
            **kwargs: of Keras' `fit`.

        Raises:
            ValueError: a field is missing, has another shape, or values that
                are none of its; or a batch has too few examples, or cannot be
                dealt out to several devices.
        """
        given = x if y is None else (x, y)
        check_data(self, given, batch_size)
        check_shares(self, given, batch_size, kwargs)
        if not isinstance(x, (dict, list, tuple, np.ndarray)) and len(args) < 3:
            # Data sets have an order of their own; Keras warns otherwise.
            kwargs.setdefault("shuffle", False)
        self.training_source = source_of(x)
        self.load_rest = None  # it would undo what is learned now
        params = {
            "verbose": verbose,
            "epochs": epochs,
            "steps": num_batches(x, batch_size, kwargs),
        }
        while True:
            told = callbacks
            if not isinstance(callbacks, keras.callbacks.CallbackList):
                told = Callbacks(callbacks, True, verbose != 0, self, **params)
            try:
                return super().fit(
                    x, y, batch_size, epochs, verbose, told, *args, **kwargs
                )
            except NotFinite as fault:
                goers = [c for c in told.callbacks if hasattr(c, "goes_back")]
                if not any(goer.goes_back(fault) for goer in goers):
                    raise
            finally:
                release(told)

    def compile(
        self,
        optimizer: typing.Any = None,
        *,
        total_steps: int | None = None,
        stage: str | None = None,
        clipnorm: float | None = None,
        ema_momentum: float | None = None,
        jit_compile: bool | str = "auto",
        steps_per_execution: int = 1,
        run_eagerly: bool = False,
    ) -> None:
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
        check_choice("KERAS_BACKEND", backend.BACKEND, ("tensorflow", "jax"))
        if stage is not None:
            check_choice("stage", stage, self.stages)
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
        return backend.trainer_step(self._train, self.state(), *args)

    def test_step(self, *args):
        trainable, others, _, metrics = self.state()
        return backend.trainer_step(
            self._test, (trainable, others, metrics), *args
        )

    def make_train_function(self, force=False):
        if self.train_function is None or force:
            self.prepare()
            super().make_train_function(force)
            self.train_function = backend.stepping(self.train_function, self)
        return self.train_function

    def make_test_function(self, force=False):
        if self.test_function is None or force:
            self.prepare()
        return super().make_test_function(force)

    def passes(self):
        """Whether an earlier training has had the next batches; counts."""
        if self.batches_to_pass <= 0:
            return False
        self.batches_to_pass -= self.steps_per_execution
        return True

    def note(self, logs):
        """Keeps what callbacks read of a step aside; the rest are its logs."""
        self.step_faults = logs.pop("faults")
        return logs

    def state(self):
        """All variables, in the four groups of Keras' JAX trainer."""
        return (
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        )

    def _train(self, data):
        with backend.one_batch(self):
            logs = self.update(as_batch(self, data))
        self.faults.note_losses(logs)
        means = self.loss_means.update(logs, self._sums(logs))
        if hasattr(self, "steps"):
            self.steps.assign_add(1)
        counts = ops.copy(self.faults.counts)  # not the variable itself
        return means | {"faults": counts}

    def _test(self, data):
        batch, logs = as_batch(self, data), {}
        batch |= self.made(batch, False)
        for player in self.players:
            losses, shared = getattr(self, f"{player}_loss")(batch, False)
            logs |= self._weigh(player, losses)[0]
            batch.update(shared)
        return self.loss_means.update(logs, self._sums(logs))

    def get_metrics_result(self):
        return self.loss_means.result()

    def _get_metrics_result_or_logs(self, logs):
        # Keras takes what the last step returned unless the names are the
        # same: players who have not had their turn yet have no losses.
        return self.get_metrics_result()

    def _weigh(self, player, losses):
        """(logs named `<player>_<loss>`, weighted sum), float32."""
        logs, total = {}, 0.0
        for name, value in losses.items():
            parts = value.values() if isinstance(value, dict) else [value]
            value = sum(ops.cast(part, "float32") for part in parts)
            logs[f"{player}_{name}"] = value
            total = total + self.loss_weight(player, name) * value
        return logs, total

    def _sums(self, logs):
        """The weighted sum of each player's losses in a step's logs."""
        sums = {}
        for player in self.players:
            mine = {
                name.removeprefix(f"{player}_"): loss
                for name, loss in logs.items()
                if name.startswith(f"{player}_")
            }
            if not mine:
                continue
            total, weight = 0.0, None
            for name, loss in mine.items():
                if isinstance(loss, Sometimes):
                    loss, weight = loss
                total = total + self.loss_weight(player, name) * loss
            sums[player] = total if weight is None else Sometimes(total, weight)
        return sums

    def _players_optimizers(self, optimizer, total_steps, clipnorm):
        given = optimizer if isinstance(optimizer, dict) else {}
        for player in given:
            check_choice("player", player, tuple(self.players))
        translators = set(self.translator_networks)
        chosen = {}
        for player, networks in self.players.items():
            if player in given:
                chosen[player] = given[player]
            elif optimizer is None or given:
                chosen[player] = self.default_optimizer(player, total_steps)
            else:
                chosen[player] = optimizer
            averages = translators & set(networks)
            chosen[player] = player_optimizer(
                chosen[player],
                name=f"{player}_optimizer",
                clipnorm=clipnorm,
                ema_momentum=self.ema_momentum if averages else None,
                scale_loss=self.dtype_policy.compute_dtype == "float16",
            )
        return MultiOptimizer(chosen)

    def _refuse_hanging_combination(self, jit_compile):
        if backend.num_replicas() > 1 and hasattr(self, "steps"):
            raise ValueError(
                f"{type(self).__name__} has players that do not play in every "
                "step, which TensorFlow does not do under MirroredStrategy: "
                "train it on one device, or on several with JAX."
            )
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
