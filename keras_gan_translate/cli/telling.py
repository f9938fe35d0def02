"""How far a training is, for people who watch and for files."""

from time import monotonic

from keras_gan_translate.cli.console import console, format_seconds, progress

LINES_EVERY = 30.0  # seconds, where a bar cannot be seen


class Telling:
    """Says how far a training is: a bar, or lines where it is no terminal.

    Args:
        config: dict as `Run.config`.
    """

    def __init__(self, config):
        self.per_epoch = config["steps_per_epoch"]
        self.steps = config["epochs"] * self.per_epoch
        self.passed = 0  # steps of epochs before
        self.first = None  # (step, time) from which the rest is judged
        self.decibels = ""
        self.bar, self.task = progress("Training", self.steps, stderr=False)
        self.live = self.bar.console.is_terminal
        self.told = monotonic()

    def __enter__(self):
        if self.live:
            self.bar.start()
        return self

    def __exit__(self, *_):
        if self.live:
            self.bar.stop()

    def callback(self):
        """The callback for `fit`; `Evaluate` stands before it."""
        import keras

        return keras.callbacks.LambdaCallback(
            on_epoch_begin=self.begin_epoch,
            on_train_batch_end=self.end_step,
            on_epoch_end=self.end_epoch,
        )

    def begin_epoch(self, epoch, logs):
        self.passed = epoch * self.per_epoch

    def end_epoch(self, epoch, logs):
        self.decibels = f"{logs['score_ab_psnr']:.1f} dB, "

    def end_step(self, batch, logs):
        now, step = monotonic(), self.passed + batch + 1
        note = (
            f"{self.decibels}cycle {logs['generator_cycle']:.3f}, adversarial "
            f"{logs['generator_adversarial']:.2f}"
        )
        if self.first is None:
            self.first = step, now
        if self.live:
            self.bar.update(self.task, completed=step, note=note)
        elif now - self.told >= LINES_EVERY and step > self.first[0]:
            self.told = now
            each = (now - self.first[1]) / (step - self.first[0])
            left = format_seconds(each * (self.steps - step))
            console().print(
                f"Step {step} of {self.steps}: {note}; {left} left",
                markup=False,
                soft_wrap=True,
            )
