"""What every kind of data says of itself."""

import dataclasses
import logging

from keras_gan_translate.data.advice import advice
from keras_gan_translate.data.directions import SOURCES, TARGETS
from keras_gan_translate.data.drawn.worlds import WORLDS, Drawing
from keras_gan_translate.data.epochs import BatchSource
from keras_gan_translate.data.folders import SPLITS
from keras_gan_translate.data.packed import Packed, find_packed, is_packed
from keras_gan_translate.data.sizes import crop_and_load_size
from keras_gan_translate.support.messages import (
    check_choice,
    near_matches,
    shorten,
)

# Sources that are drawn: any world; the faces of before; "drawn:avatars".
DRAWN = ("drawn", "synthetic", "avatars")
DRAWN_COUNT = 500  # examples, or as many of each domain

logger = logging.getLogger("keras_gan_translate")


@dataclasses.dataclass(frozen=True)
class Option:
    """An option of a kind of data, for functions and for the command line.

    Attributes:
        help: what it means, in a sentence.
        choices: the words it may be; empty if any.
        many: whether it is a list of words.
        of_model: whether the model decides it, as `DataKind.of_model` says.
    """

    help: str
    choices: tuple = ()
    many: bool = False
    of_model: bool = False


@dataclasses.dataclass(frozen=True)
class Found:
    """What was found of a source's split: looked at, not decoded.

    Attributes:
        files: dict, key of the batch -> list of files. What belongs together
            has the same place in each list.
        facts: what is known of the data, such as the names of domains.
        summary: the finding in one sentence.
        where: key of the batch -> words for errors that say where its files
            come from.
        options: the kind's options, as they were given.
        drawn: the `Drawing` of data that are drawn, else None.
        public: name of a set of TensorFlow Datasets, else None.
        packed: the `Packed` of a folder that `kgt prepare shards` wrote, else
            None.
    """

    files: dict
    facts: dict
    summary: str
    where: dict = dataclasses.field(default_factory=dict)
    options: dict = dataclasses.field(default_factory=dict)
    drawn: Drawing | None = None
    public: str | None = None
    packed: Packed | None = None

    @property
    def paths(self):
        """All files, as a set."""
        return {path for files in self.files.values() for path in files}


@dataclasses.dataclass(frozen=True)
class Reading:
    """How examples are made of what was found; the same for all kinds.

    Attributes:
        size: (height, width) of the crops.
        load: (height, width) of the images they are cut from.
        how: see `resize_image`.
        augment: see `BatchSource`.
        shuffle: see `BatchSource`.
        seed: see `BatchSource`.
    """

    size: tuple
    load: tuple
    how: str = "cover"
    augment: bool | tuple = True
    shuffle: bool = True
    seed: int = 0


class DataKind:
    """A kind of data: which folders hold it, and what its batches are.

    A further kind is a further file of this folder with a subclass. What
    trains on it names it in `GAN.data`; `open_dataset`, the run folder and
    the command line then know it.

    Class attributes:
        kinds: a list of all there are.
        name: of the kind.
        about: what the data are, in half a sentence.
        layouts: the folders that are known, in words.
        options: name -> `Option`, what only this kind understands.
        defaults: the options that are given where none are.
        aligned: whether a batch's target is the true translation of its
            source.
        image_size: in pixels, where none is given.
        resizes: whether images are resized; else they are cut as they are.
        maps: keys of the batch whose values are numbers: see `BatchSource`.
        spread: key of the batch of whose values a few samples should show
            each, or None.
        words: pairs of sets of words, what folders of sources and those of
            targets are called; see `directions.in_order`.
        public: whether sets of TensorFlow Datasets can be read.
        can_pack: whether `data.packing.pack_images` can write them: images by
            the keys of the batch, and nothing beside them.
        worlds: name of a world that can be drawn -> its styles where none are
            chosen; None if some must be. The first world is the default.
        synthetic: the same of the source "synthetic", if not the first world.
        other_words: another word for a world -> its name.
        num_styles: the least and the largest number of styles.
    """

    kinds = []

    name = ""
    about = ""
    layouts = ""
    options = {}
    defaults = {}
    aligned = False
    image_size = 256
    resizes = True
    maps = ()
    spread = None
    words = ((SOURCES, TARGETS),)
    public = False
    can_pack = False
    worlds = {}
    synthetic = None
    other_words = {}
    num_styles = (1, 1)

    def __init_subclass__(cls):
        if "name" in vars(cls):
            DataKind.kinds.append(cls())

    # What a kind says of itself.

    def find_files(self, folders, split, **options):
        """Finds the files of a split.

        Args:
            folders: tuple of one folder, or of several for the parts.
            split: "train", "val" or "test".
            **options: those of `options` that were given.

        Returns:
            A `Found`.

        Raises:
            ValueError: no known layout; says what lies in the folder.
        """
        raise NotImplementedError

    def find_drawn(self, drawing, **options):
        """What `drawn` will draw, without drawing it.

        Args:
            drawing: a `Drawing`.
            **options: those of `options` that were given; "domains" are the
                styles of the drawing.

        Returns:
            (facts as of `Found`, what will be drawn in a few words)
        """
        return {}, drawing.things

    def read(self, found, reading):
        """Decodes what was found in files.

        Args:
            found: a `Found`.
            reading: a `Reading`.

        Returns:
            (dict of arrays as `groups` takes it, {file: why it is skipped})
        """
        raise NotImplementedError

    def drawn(self, drawing, size, seed, **options):
        """The same kind of data, drawn by code.

        Args:
            drawing: a `Drawing`.
            size: (height, width) in pixels.
            seed: another seed, other examples.
            **options: as of `find_drawn`.

        Returns:
            Dict of arrays, as `read`.
        """
        raise NotImplementedError

    def groups(self, arrays):
        """The groups of a `BatchSource`; by default all belong together."""
        return [arrays]

    def extras(self, arrays, found, reading):
        """Further arguments of the `BatchSource`, such as `derive`."""
        return {}

    def arguments(self, found):
        """What a model's constructor gets to know of the data.

        Args:
            found: a `Found`.

        Returns:
            Dict of arguments; models take those that they have.
        """
        return {}

    def describe(self, arrays, found):
        """What else the summary says when everything is decoded."""
        return ""

    def of_model(self, model):
        """The options that the model decides, as a dict."""
        return {}

    def check(self, found, reading):
        """Raises a ValueError where a size does not suit the kind."""

    # What all of them have.

    def find(self, source, split="train", **options):
        """Looks what there is; nothing is decoded or drawn.

        Args:
            source: as of `open_dataset`.
            split: "train", "val" or "test".
            **options: as of `options`; None means not given.

        Returns:
            A `Found`.

        Raises:
            ValueError: there is nothing of this kind, or an option is wrong.
        """
        check_choice("split", split, SPLITS)
        options = self.check_options(options)
        origin, rest = origin_of(source)
        if origin == "tfds":
            return self._find_public(source, rest, options)
        if origin == "drawn":
            return self._find_drawn(source, rest, split, options)
        folders = source if isinstance(source, (tuple, list)) else (source,)
        if len(folders) == 1 and is_packed(folders[0]):
            return self._find_packed(folders[0], split, options)
        found = self.find_files(tuple(folders), split, **options)
        return dataclasses.replace(found, options=options)

    def check_options(self, options):
        """The options that were given, without None.

        Raises:
            ValueError: one is not for this kind, or none of its choices.
        """
        given = {k: v for k, v in options.items() if v is not None}
        for name, value in given.items():
            if name not in self.options:
                raise ValueError(self.refusal(name, value))
            option = self.options[name]
            if option.choices:
                check_choice(name, value, option.choices)
        return given

    def refusal(self, name, value):
        """Why an option is not for this kind, in words."""
        own = shorten(self.options) if self.options else "no options"
        others = [kind.name for kind in self.kinds if name in kind.options]
        for_what = f" is for {', '.join(others)} data" if others else ""
        unknown = "" if others else " is no option of data"
        return (
            f"{name}={value!r}{for_what}{unknown}."
            f"{'' if others else near_matches(name, self.options)} "
            f"{self.name} data are {self.about}; they take {own}."
        )

    def source(self, found, reading):
        """Decodes or draws what was found.

        Args:
            found: a `Found`.
            reading: a `Reading`.

        Returns:
            (a `BatchSource`, the summary, {file: why it is skipped})
        """
        self.check(found, reading)
        skipped = {}
        if found.drawn:
            found.drawn.check(reading.load)
            arrays = self.drawn(
                found.drawn, reading.load, reading.seed, **found.options
            )
        elif found.packed:
            arrays = found.packed.images(reading.load, reading.how)
        else:
            arrays, skipped = self.read(found, reading)
            if reading.augment is not False:  # as it is in training
                pictures = {
                    key: files
                    for key, files in found.files.items()
                    if key not in self.maps
                }
                for sentence in advice(pictures, reading.size):
                    logger.warning("%s", sentence)
        source = BatchSource(
            self.groups(arrays),
            reading.size,
            reading.augment,
            reading.shuffle,
            reading.seed,
            maps=self.maps,
            **self.extras(arrays, found, reading),
        )
        source.files = [
            _files_of_group(group, found.files, skipped)
            for group in source.groups
        ]
        return source, found.summary + self.describe(arrays, found), skipped

    def reading(
        self,
        *,
        image_size=None,
        load_size=None,
        how=None,
        augment=True,
        shuffle=True,
        seed=0,
    ):
        """The options that all kinds share, checked, as a `Reading`."""
        if not self.resizes:
            for name, value in (("load_size", load_size), ("how", how)):
                if value is not None:
                    raise ValueError(
                        f"{name}={value!r} is for images that are resized; "
                        f"{self.name} data are {self.about}."
                    )
        size, load = crop_and_load_size(
            self.image_size if image_size is None else image_size,
            load_size,
            augment,
        )
        return Reading(size, load, how or "cover", augment, shuffle, seed)

    def _find_public(self, source, name, options):
        if not self.public:
            raise ValueError(
                f"'{source}' is unpaired; {self.name} data are read from "
                "folders."
            )
        if "domains" in options:
            raise ValueError(
                f"domains are those of folders; '{source}' has none to choose."
            )
        return Found(
            {}, {}, f"{self.name}: {source}", options=options, public=name
        )

    def _find_packed(self, folder, split, options):
        packed, summary = find_packed(folder, self.name, split)
        for name, value in options.items():
            if value != self.defaults.get(name):
                raise ValueError(
                    f"{name}={value!r} is settled when '{folder}' is packed: "
                    "leave it out."
                )
        return Found({}, {}, summary, options=options, packed=packed)

    def _find_drawn(self, source, rest, split, options):
        options = dict(options)
        worlds = self.worlds
        if source.startswith("synthetic"):
            worlds = self.synthetic or dict(list(worlds.items())[:1])
        world, styles, count = self._asked(source, rest, worlds)
        domains = options.pop("domains", None)
        if domains is not None:
            if styles and styles != tuple(domains):
                raise ValueError(
                    f"domains={shorten(domains)} are not those of '{source}': "
                    "give them once."
                )
            styles = tuple(domains)
        if styles is None:
            styles = worlds[world]
        self._check_styles(source, world, styles)
        most = WORLDS[world].most.get(split)
        wanted = count or most or DRAWN_COUNT
        drawing = Drawing(
            world,
            styles,
            min(wanted, most or wanted),
            split,
            "" if styles == worlds[world] else f" ({', '.join(styles)})",
        )
        facts, words = self.find_drawn(drawing, **options)
        if wanted > drawing.count:
            words += f"; {wanted} were asked for, there are no more"
        return Found(
            {},
            facts,
            f"{self.name}: {WORLDS[world].title} ({split}), {words}",
            options=options,
            drawn=drawing,
        )

    def _asked(self, source, rest, worlds):
        """(world, styles or None, number or None) that a source names."""
        words = rest.split(":") if rest else []
        count = int(words.pop()) if words and words[-1].isdecimal() else None
        if count == 0:
            raise ValueError(f"Nothing is drawn of '{source}': ask for more.")
        world = words.pop(0) if words else next(iter(worlds))
        world = self.other_words.get(world, world)
        if world not in worlds:
            known = [*worlds, *self.other_words]
            raise ValueError(
                f"There is no world {world!r} of {self.name} data, received "
                f"'{source}'.{near_matches(world, known)} There are "
                f"{shorten(worlds)}; how many, a number behind says, as in "
                "'drawn:2000'."
            )
        styles = tuple(words.pop(0).split(",")) if words else None
        if words:
            raise ValueError(
                "A world, its styles and a number are expected, as in "
                f"'drawn:avatars:lorelei,notionists:100', received '{source}'."
            )
        return world, styles, count

    def _check_styles(self, source, world, styles):
        known = WORLDS[world].styles
        least, most = self.num_styles
        given = styles or ()
        if given and not known:
            raise ValueError(
                f"The {world} are drawn in one style, received "
                f"{shorten(given)} of '{source}'."
            )
        for style in given:
            check_choice("style", style, known)
        if len(set(given)) < len(given):
            raise ValueError(
                f"A style is named twice: received {shorten(given)}."
            )
        if known and not least <= len(given) <= (most or len(known)):
            many = f"{least}" if most == least else f"{least} or more"
            raise ValueError(
                f"'{source}' needs {many} styles for {self.name} data, "
                f"received {shorten(given)}. Name them, as in "
                f"'drawn:{world}:{','.join(known[:least])}'. There are "
                f"{', '.join(known)}."
            )


def origin_of(source):
    """("drawn", "tfds" or "folders", the rest) of a source."""
    if isinstance(source, str):
        origin, _, rest = source.partition(":")
        if origin in DRAWN:
            return "drawn", source if origin == "avatars" else rest
        if origin == "tfds":
            return "tfds", rest
    return "folders", source


def _files_of_group(group, files, skipped):
    """The files of each example of a group, None where they are not known."""
    lists = [paths for key, paths in files.items() if key in group]
    rows = [row for row in zip(*lists) if not skipped.keys() & set(row)]
    return rows if len(rows) == len(next(iter(group.values()))) else None
