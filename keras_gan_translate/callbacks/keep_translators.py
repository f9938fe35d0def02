"""The trained translators as plain Keras files: the last and the best."""

from __future__ import annotations

import json
import logging
import math
import pathlib
import shutil

import keras

from keras_gan_translate.support.files import write_text, written_aside
from keras_gan_translate.support.messages import check_choice, near_matches
from keras_gan_translate.support.types import Path

logger = logging.getLogger("keras_gan_translate")


class KeepTranslators(keras.callbacks.Callback):
    """Saves the networks that translate after every epoch.

    `folder/last/<network>.keras` is the newest, `folder/best/<network>.keras`
    that of the epoch with the best monitored loss or score, which
    `folder/best/best.json` names; it is read again when training goes on. The
    files hold averaged weights where `compile(ema_momentum=)` keeps them.

    Args:
        folder: where `last` and `best` are made.
        monitor: name of the logged loss that a better model lowers; None
            takes the model's own, of the validation data if there are any.
            Where the model has none either, the newest is the best.
        mode: "min", or "max" for what a better model raises, such as a PSNR
            of `Evaluate`.

    Raises:
        ValueError: another `mode`; or, while training, no such loss is logged.
    """

    def __init__(
        self, folder: Path, monitor: str | None = None, mode: str = "min"
    ):
        super().__init__()
        check_choice("mode", mode, ("min", "max"))
        self.folder = pathlib.Path(folder)
        self.monitor, self.mode = monitor, mode
        self.best = None  # contents of best.json

    def on_train_begin(self, logs=None):
        path, self.best = self.folder / "best" / "best.json", None
        try:
            best = json.loads(path.read_text())
            self.best = {name: best[name] for name in ("monitor", "value")}
        except FileNotFoundError:
            if any(path.parent.glob("*.keras")):
                _say_unknown(path, "is missing")
        except (ValueError, KeyError, TypeError) as error:
            _say_unknown(path, f"cannot be read ({error!r})")

    def on_epoch_end(self, epoch, logs=None):
        names = self.model.translator_networks
        with self.model.averaged_weights():
            for name in names:
                path = self.folder / "last" / f"{name}.keras"
                with written_aside(path) as aside:
                    getattr(self.model, name).save(aside)
        monitor = self._monitored(logs or {})
        value = None if monitor is None else float(logs[monitor])
        if not self._improves(monitor, value):
            return
        for name in names:
            with written_aside(self.folder / "best" / f"{name}.keras") as aside:
                shutil.copyfile(self.folder / "last" / f"{name}.keras", aside)
        self.best = {"monitor": monitor, "value": value, "epoch": epoch + 1}
        write_text(
            self.folder / "best" / "best.json",
            json.dumps(self.best, indent=2) + "\n",
        )

    def _monitored(self, logs):
        if self.monitor is None and self.model.monitor is None:
            return None
        if self.monitor is None:
            name = f"generator_{self.model.monitor}"
            candidates = (f"val_{name}", name)
        else:
            candidates = (self.monitor,)
        for candidate in candidates:
            if candidate in logs:
                return candidate
        raise ValueError(
            f"KeepTranslators cannot find the loss {candidates[-1]!r} among "
            f"those logged: {', '.join(sorted(logs))}. Name one of them: "
            "KeepTranslators(folder, monitor=...)."
            + near_matches(candidates[-1], logs)
        )

    def _improves(self, monitor, value):
        if value is None:
            return True
        if math.isnan(value):
            return False
        # With another measure than before, the comparison starts anew.
        if self.best is None or self.best["monitor"] != monitor:
            return True
        if self.mode == "max":
            return value > self.best["value"]
        return value < self.best["value"]


def _say_unknown(path, fault):
    logger.warning(
        "%s %s: how good the translators beside it are is not known, and those "
        "of the next epoch take their place.",
        path,
        fault,
    )
