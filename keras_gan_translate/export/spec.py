"""What an exported translator is: the facts that travel inside it."""

import dataclasses
import json

from keras_gan_translate.fields import Field, Image
from keras_gan_translate.support.messages import check_format
from keras_gan_translate.support.untrusted import read_bytes

# Of what a server translates at once: a network of 64 filters takes 1 GB for
# every layer of that size, and a server has to survive any request.
MAX_PIXELS = 2048 * 2048
FORMAT = 1  # of the description; it grows when older readers would misread it
IMAGES, TRANSLATED = "images", "translated"  # names of the ends of an export


def is_picture(field):
    """Whether a `Field` holds pixels, which exports take as their images."""
    return field.per_pixel and field.reads == "image"


@dataclasses.dataclass(frozen=True)
class TranslatorSpec:
    """What whoever runs an exported translator has to know.

    Attributes:
        name: of the export; TF Serving's model name.
        model: what `create_model` calls the model.
        paper: authors, title, year.
        direction: which way it translates, "ab".
        image_size: the one height and width its input has, in pixels; None if
            any multiple of `size_multiple`.
        size_multiple: height and width of the input are multiples of this.
        scale: output pixels per input pixel, for height and width each.
        dtype: "uint8", 0..255 in and out, or "float32", [-1, 1] in and out.
        resize: how training made its squares: "cover", "letterbox", "stretch".
        licence: of the training data.
        version: of this library.
        commit: of this library, if known.
        inputs: a dict for every input: `name`, `kind` and the further facts
            of its field, as `Field.from_facts` takes them; `input`, what it
            is called in the export; `control`, how a page asks for it;
            `scaled_by`, the word of a number that users may multiply it by;
            `dtype`; and `shape`, the batch first, None where any. Empty where
            older exports say nothing: they take an RGB image.
        batch_size: number of images that a LiteRT file takes at once.
        max_pixels: of a translation that a server makes at once, at most.
        format: number of the description's format.
    """

    name: str
    model: str
    paper: str
    direction: str
    image_size: int | None
    size_multiple: int
    scale: int
    dtype: str
    resize: str
    licence: str
    version: str
    commit: str | None
    inputs: tuple = ()
    batch_size: int = 1
    max_pixels: int = MAX_PIXELS
    format: int = FORMAT

    def to_json(self):
        """The facts as indented JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @property
    def fields(self):
        """Name of the input -> its `Field`, in the network's order."""
        try:
            fields = {
                facts["input"]: Field.from_facts(facts) for facts in self.inputs
            }
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(
                "The description of the translator's inputs is none: "
                f"{error!r}. Export the model again."
            ) from error
        return fields or {IMAGES: Image()}

    def described(self, inputs):
        """These facts, with the types and shapes that a file's inputs have.

        Args:
            inputs: name of the input -> (dtype, shape with None where any).
        """
        described = []
        for known in self.inputs:
            dtype, shape = inputs[known["input"]]
            found = {"dtype": str(dtype), "shape": list(shape)}
            described.append(known | found)
        return dataclasses.replace(self, inputs=tuple(described))

    @classmethod
    def from_json(cls, text):
        """Reads `to_json`'s text; facts that are not known are passed over.

        Args:
            text: str or bytes.

        Raises:
            ValueError: it is no such text, a fact is missing, or the format
                is a later version's.
        """
        try:
            facts = json.loads(text)
            older = {"inputs": (), "batch_size": 1, "max_pixels": MAX_PIXELS}
            facts = older | {"format": 1} | facts
            check_format(
                "The translator's description", facts["format"], FORMAT
            )
            facts["inputs"] = tuple(facts["inputs"])
            names = [field.name for field in dataclasses.fields(cls)]
            return cls(**{name: facts[name] for name in names})
        except (AttributeError, RecursionError, TypeError, ValueError) as error:
            raise ValueError(
                f"This is no description of a translator: {error}"
            ) from error
        except KeyError as error:
            raise ValueError(
                f"The description of the translator lacks {error}; it has "
                f"{sorted(facts)}. Export the model again."
            ) from error


def read_spec(path):
    """The `TranslatorSpec` of a file that a stranger may have written.

    Raises:
        ValueError: it is no such description, or no regular file.
        OSError: it cannot be read.
    """
    return TranslatorSpec.from_json(read_bytes(path))
