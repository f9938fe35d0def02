import pytest

from keras_gan_translate.export import flatbuffer
from keras_gan_translate.export.metadata import (
    NAME,
    read_metadata,
    write_metadata,
)
from keras_gan_translate.export.operators import read_graph
from keras_gan_translate.export.spec import TranslatorSpec
from tests.export.flatbuffers import constant, tensor, write_operators

SPEC = TranslatorSpec(
    name="anime",
    model="ugatit",
    paper="Kim et al., “U-GAT-IT”, 2020",
    direction="ab",
    image_size=256,
    size_multiple=4,
    scale=1,
    dtype="uint8",
    resize="cover",
    licence="CC BY 4.0",
    version="0.1.0",
    commit=None,
)

pytest.importorskip("ai_edge_litert", reason="LiteRT is missing")


@pytest.fixture
def path(tmp_path):
    return write_operators(
        tmp_path / "a.tflite",
        ("ADD", [tensor(), constant([0.5, 1, 2])], tensor(), None),
    )


def test_what_is_written_is_read(path):
    assert read_metadata(path) is None
    write_metadata(path, SPEC)
    assert read_metadata(path) == SPEC
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_the_network_stays_as_it_is(path):
    (before,) = read_graph(path).operators
    write_metadata(path, SPEC)
    (after,) = read_graph(path).operators
    assert after.name == before.name
    assert after.inputs[1].values.tolist() == [0.5, 1, 2]


def test_a_newer_description_replaces_an_older_and_nothing_else(path):
    model = flatbuffer.unpack(path)
    schema = flatbuffer.schema()
    model.metadata = [schema.MetadataT(name="min_runtime_version", buffer=0)]
    path.write_bytes(flatbuffer.pack(model))
    for spec in (SPEC, TranslatorSpec(**vars(SPEC) | {"name": "other"})):
        write_metadata(path, spec)
        assert read_metadata(path) == spec
    entries = flatbuffer.unpack(path).metadata
    assert [e.name.decode() for e in entries] == ["min_runtime_version", NAME]


def test_a_damaged_description_is_an_error_in_words(path):
    write_metadata(path, SPEC)
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"direction"', b'"direktion"'))
    with pytest.raises(ValueError, match="lacks 'direction'"):
        read_metadata(path)
    path.write_bytes(content.replace(b'"direction"', b"'direction'"))
    with pytest.raises(ValueError, match="no description of a translator"):
        read_metadata(path)


def test_other_files_are_refused(tmp_path):
    other = tmp_path / "a.tflite"
    other.write_bytes(b"nothing of the kind")
    with pytest.raises(ValueError, match="no .tflite file"):
        write_metadata(other, SPEC)
    assert other.read_bytes() == b"nothing of the kind"
