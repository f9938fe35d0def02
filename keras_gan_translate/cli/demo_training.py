"""The training of `demo`: its model and data at one size, and its measure."""

from time import monotonic

from keras_gan_translate.cli.console import console, format_seconds

CLEAR_MARGIN = 1.0  # dB by which trained must beat everything else


def unseen_faces(count, image_size, seed):
    """Faces that nothing was trained on: (photos, toons)."""
    from keras_gan_translate.data import synthetic_faces
    from keras_gan_translate.data.drawn.worlds import FIRST_DRAWN

    return synthetic_faces(count, image_size, seed, FIRST_DRAWN["test"])


class Training:
    """The recipe at one size: its model, its data, its measure.

    Args:
        config: dict as `Run.config`.
        num_held_out: faces that are measured.

    Attributes:
        model: a `GAN`, compiled.
        dataset: all batches.
        data: a `TrainingData` of as many as there are in an epoch.
        held_out: dict of the photos and the true toons of faces.
        untrained: what the model makes of these photos in the beginning.
    """

    def __init__(self, config, num_held_out):
        from keras_gan_translate import data
        from keras_gan_translate.engine.optimizers import Adam, LinearDecay
        from keras_gan_translate.runs import training

        self.config = config
        steps = config["epochs"] * config["steps_per_epoch"]
        console().print(f"Drawing faces of {config['image_size']} pixels ...")
        options = ("image_size", "batch_size", "augment", "seed")
        self.dataset = data.open_dataset(
            config["data"],
            "unpaired",
            **{name: config[name] for name in options},
        )
        photos, toons = unseen_faces(
            num_held_out, config["image_size"], config["seed"]
        )
        self.held_out = {"a": photos, "b": toons}
        self.data = training.TrainingData(
            self.dataset.take(config["steps_per_epoch"]),
            None,
            {
                name: x[: training.NUM_SAMPLES]
                for name, x in self.held_out.items()
            },
            self.dataset.kgt_summary,
            config["steps_per_epoch"],
            [],
        )
        self.model = training.build_model(config)
        self.model.compile(
            Adam(LinearDecay(config["learning_rate"], steps), l2=config["l2"]),
            ema_momentum=config["ema_momentum"],
        )
        self.untrained = self.model.translate(photos)

    def forecast(self, found):
        """Says how long the training will take.

        Args:
            found: the `Checkpoint` that it goes on from, or None.

        Returns:
            Seconds.
        """
        say, config = console(), self.config
        say.print("Timing three steps ...")
        each = time_steps(self.model, self.dataset)
        done = found.epoch * self.data.steps + found.step if found else 0
        steps = config["epochs"] * self.data.steps - done
        seconds = steps * each
        say.print(
            f"A step takes {format_seconds(each)} here: {steps} "
            f"{'more ' if done else ''}steps on faces of "
            f"{config['image_size']} pixels take about "
            f"{format_seconds(seconds)}."
        )
        return seconds

    def report(self, run):
        """Writes before_after.png, and measures what was trained.

        Args:
            run: the `Run`.

        Returns:
            Dict for demo.json.
        """
        import numpy as np

        from keras_gan_translate import data
        from keras_gan_translate.metrics import psnr
        from keras_gan_translate.support.pictures import draw_grid

        size, seed = self.config["image_size"], self.config["seed"]
        # What `kgt translate` will use: the best epoch.
        trained = run.model().translate(self.held_out["a"])
        photos, truth = self.held_out.values()
        count = int(self.config["data"].partition(":")[2])
        (toons,) = data.synthetic_faces(
            min(count, 200), size, seed, count, ("toon",)
        )
        mean = np.rint(toons.mean(axis=0)).astype("uint8")
        scores = {
            name: float(psnr(images, truth).mean())
            for name, images in {
                "doing nothing": photos,
                "the mean toon": np.broadcast_to(mean, truth.shape),
                "untrained": self.untrained,
                "trained": trained,
            }.items()
        }
        columns = [
            (title, images[first : first + 4])
            for first in range(0, min(8, len(photos)), 4)
            for title, images in (
                ("photo", photos),
                ("untrained", self.untrained),
                ("trained", trained),
                ("true toon", truth),
            )
        ]
        data.write_image(run.folder / "before_after.png", draw_grid(columns))
        others = [v for name, v in scores.items() if name != "trained"]
        margin = scores["trained"] - max(others)
        return {
            "psnr": scores,
            "margin": margin,
            "clear": margin >= CLEAR_MARGIN,
            "steps": len(run.results) * self.data.steps,
            "seconds": sum(row["seconds"] for row in run.results),
            "image_size": size,
        }


def time_steps(model, dataset):
    """Seconds of a training step: the mean of three, after one that compiles.

    They are the first steps of the training, should it begin here.

    Args:
        model: a compiled `GAN`.
        dataset: batches.
    """
    import keras

    times = []
    model.fit(
        dataset.take(4),
        verbose=0,
        callbacks=[
            keras.callbacks.LambdaCallback(
                on_train_batch_end=lambda batch, logs: times.append(monotonic())
            )
        ],
    )
    return (times[-1] - times[0]) / (len(times) - 1)
