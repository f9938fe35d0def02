"""What an exported translator is: the facts that travel inside it."""

import dataclasses
import json


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

    def to_json(self):
        """The facts as indented JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text):
        """Reads `to_json`'s text; facts of later versions are passed over.

        Args:
            text: str or bytes.

        Raises:
            ValueError: it is no such text, or a fact is missing.
        """
        try:
            facts = json.loads(text)
            names = [field.name for field in dataclasses.fields(cls)]
            return cls(**{name: facts[name] for name in names})
        except (json.JSONDecodeError, TypeError, UnicodeDecodeError) as error:
            raise ValueError(
                f"This is no description of a translator: {error}"
            ) from error
        except KeyError as error:
            raise ValueError(
                f"The description of the translator lacks {error}; it has "
                f"{sorted(facts)}. Export the model again."
            ) from error
