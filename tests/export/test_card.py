import hashlib
import json

from keras_gan_translate.export.card import write_card
from tests.export.files import spec_of, tiny_model

ROW = {
    "artefact": "tiny.tflite",
    "format": "litert",
    "precision": "float32",
    "psnr": None,
    "max_difference": 0,
    "mean_difference": 0.0,
    "bound": "max <= 1",
    "passed": True,
    "size": 3 * 2**20,
    "latency_ms": {"1": 12.3, "2": 7.0},
    "peak_memory": 50 * 2**20,
}
TRAINING = {
    "config": {
        "model": "cyclegan",
        "data": "/home/ada/photos of me/facades",
        "steps_per_epoch": 20,
        "clipnorm": None,
    },
    "environment": {"git_commit": "abc123", "keras": "3.15.1"},
    "results": [
        {"epoch": 1.0, "generator_cycle": 0.5},
        {"epoch": 3.0, "generator_cycle": 0.25, "kid": 0.0123456},
    ],
}


def written(folder, training, **facts):
    (folder / "tiny" / "1").mkdir(parents=True)
    (folder / "tiny" / "1" / "saved_model.pb").write_bytes(b"graph")
    (folder / "tiny.tflite").write_bytes(b"network")
    write_card(folder, spec_of(tiny_model(), **facts), [ROW], training)
    text = (folder / "card.md").read_text()
    return text, json.loads((folder / "card.json").read_text())


def test_card_of_a_run(tmp_path):
    text, card = written(tmp_path, TRAINING)
    assert card["translator"]["model"] == "cyclegan"
    assert card["training"]["steps"] == 60 and card["training"]["epochs"] == 3
    assert card["training"]["commit"] == "abc123"
    assert card["training"]["metrics"]["kid"] == 0.0123456
    assert card["parity"] == [ROW]
    for words in (
        "# tiny",
        "a paper",
        "of drawn faces: none needed",
        "| tiny.tflite | 3.0 | equal | 0 | 0.000 | max <= 1 | 12 | 7 | 50 |",
        "| kid | 0.01235 |",
        "consent",
        "Identifying",
        "Deception",
        "EXIF",
    ):
        assert words in text, words
    assert "clipnorm" not in text
    # Whose disk it was is nobody's business.
    assert "facades" in text and "/home/ada" not in text + json.dumps(card)


def test_files_are_hashed_but_the_card(tmp_path):
    written(tmp_path, None)
    write_card(tmp_path, spec_of(tiny_model()), [ROW])
    text = (tmp_path / "card.md").read_text()
    card = json.loads((tmp_path / "card.json").read_text())
    assert card["files"] == {
        "tiny.tflite": {
            "bytes": 7,
            "sha256": hashlib.sha256(b"network").hexdigest(),
        },
        "tiny/1/saved_model.pb": {
            "bytes": 5,
            "sha256": hashlib.sha256(b"graph").hexdigest(),
        },
    }
    assert hashlib.sha256(b"graph").hexdigest() in text


def test_the_best_epoch_is_not_the_last(tmp_path):
    text, card = written(tmp_path, TRAINING | {"epoch": 1})
    assert card["training"]["epochs"] == 1 and card["training"]["steps"] == 20
    assert card["training"]["metrics"] == TRAINING["results"][0]
    assert "| generator_cycle | 0.5 |" in text


def test_card_of_a_model_in_memory(tmp_path):
    text, card = written(
        tmp_path, None, image_size=32, dtype="float32", scale=4
    )
    assert card["training"] is None and "exported from memory" in text
    assert "float32, [-1, 1]" in text and "32 by 32 pixels" in text
    assert "4 times the size" in text
