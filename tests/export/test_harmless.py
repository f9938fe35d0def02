"""SavedModels of strangers: what does more than compute is not loaded."""

import shutil

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from keras_gan_translate.cli import main
from keras_gan_translate.data import read_image, write_image
from keras_gan_translate.export.artefacts import open_artefact
from tests.export.files import SIZE, artefact, photos

tf = pytest.importorskip("tensorflow")
if keras.backend.backend() != "tensorflow":
    pytest.skip("a SavedModel is TensorFlow's", allow_module_level=True)

from tensorflow.core.protobuf import saved_model_pb2  # noqa: E402

from keras_gan_translate.export.harmless import (  # noqa: E402
    check_harmless,
    read_graph,
)


@pytest.fixture
def change(tmp_path):
    """A copy of a model of ours whose graph is another; its folder."""

    def apply(function):
        folder = tmp_path / "1"
        shutil.copytree(artefact("tiny") / "1", folder)
        saved = read_graph(folder)
        function(saved.meta_graphs[0])
        (folder / "saved_model.pb").write_bytes(saved.SerializeToString())
        return folder

    return apply


def serving(graph):
    """The body of the function of images."""
    return next(
        f
        for f in graph.graph_def.library.function
        if "serve_images" in f.signature.name and len(f.node_def) > 5
    )


def saver(graph, operator):
    return next(
        f
        for f in graph.graph_def.library.function
        if any(node.op == operator for node in f.node_def)
    )


@pytest.mark.parametrize("runtime", ["tf.saved_model", "tf.compat.v1"])
def test_our_own_models_are_opened(runtime):
    images = photos(1)
    opened = open_artefact(artefact("tiny"), runtime=runtime)
    assert opened.translate(images).shape == images.shape


@pytest.mark.parametrize(
    "operator",
    [
        "ReadFile",
        "WriteFile",
        "MatchingFiles",
        "SaveV2",
        "RestoreV2",
        "MergeV2Checkpoints",
        "PrintV2",
        "PyFunc",
        "EagerPyFunc",
        "ImmutableConst",
        "TFRecordDatasetV2",
        "XlaCallModule",
        "DecodeProtoV2",
        "Unheard",
    ],
)
@pytest.mark.parametrize("where", ["graph", "function"])
def test_what_does_more_than_compute_is_refused(change, operator, where):
    def add(graph):
        place = graph.graph_def.node
        if where == "function":
            place = serving(graph).node_def
        place.add(name="more", op=operator)

    with pytest.raises(ValueError, match=f"operator {operator}.*--trust"):
        check_harmless(change(add))


def test_a_saver_is_called_by_nobody_else(change):
    def call(graph):
        name = saver(graph, "SaveV2").signature.name
        node = serving(graph).node_def.add(name="more", op="PartitionedCall")
        node.attr["f"].func.name = name

    with pytest.raises(ValueError, match="MergeV2Checkpoints.*SaveV2"):
        check_harmless(change(call))


def test_a_signature_that_waits_for_the_saver(change):
    def wait(graph):
        name = graph.saver_def.save_tensor_name.partition(":")[0]
        graph.graph_def.node.add(name="more", op="NoOp", input=[f"^{name}"])

    with pytest.raises(ValueError, match="a saver that it calls itself"):
        check_harmless(change(wait))


def test_a_signature_that_is_the_saver(change):
    def ask(graph):
        outputs = graph.signature_def["serving_default"].outputs
        outputs["translated"].name = graph.saver_def.save_tensor_name

    with pytest.raises(ValueError, match="a saver that it calls itself"):
        check_harmless(change(ask))


def test_a_restorer_that_writes(change):
    def write(graph):
        saver(graph, "RestoreV2").node_def.add(name="more", op="SaveV2")

    with pytest.raises(ValueError, match="operator SaveV2"):
        check_harmless(change(write))


def test_a_restorer_that_reads_elsewhere(change):
    def read(graph):
        function = saver(graph, "RestoreV2")
        node = next(n for n in function.node_def if n.op == "RestoreV2")
        node.input[0] = "another/checkpoint:output:0"

    with pytest.raises(ValueError, match="checkpoint of its own choice"):
        check_harmless(change(read))


def test_a_restorer_that_is_told_where(change):
    def tell(graph):
        place = graph.graph_def.node.add(name="place", op="Const")
        place.attr["value"].tensor.dtype = 7  # a string
        name = graph.saver_def.restore_op_name
        node = next(n for n in graph.graph_def.node if n.name == name)
        node.input[0] = "place"

    with pytest.raises(ValueError, match="chooses what it reads"):
        check_harmless(change(tell))


def test_a_function_with_the_name_of_an_operator(change):
    def rename(graph):
        saver(graph, "SaveV2").signature.name = "WriteFile"

    with pytest.raises(ValueError, match="called as the operator WriteFile"):
        check_harmless(change(rename))


def test_a_number_that_stands_for_many(change):
    def swell(graph):
        node = graph.graph_def.node.add(name="more", op="Const")
        node.attr["value"].tensor.dtype = 1
        node.attr["value"].tensor.float_val.append(0.0)
        for size in (2**20, 2**10):
            node.attr["value"].tensor.tensor_shape.dim.add(size=size)

    with pytest.raises(ValueError, match="numbers of 42949"):
        check_harmless(change(swell))


def test_variables_that_are_declared_and_not_there(change):
    def swell(graph):
        node = next(
            node
            for node in graph.object_graph_def.nodes
            if node.WhichOneof("kind") == "variable"
        )
        node.variable.shape.dim.add(size=2**20)

    with pytest.raises(ValueError, match="variables declare .* bytes"):
        check_harmless(change(swell))


@pytest.mark.parametrize("kind", ["asset", "resource"])
def test_objects_that_open_or_run_something(change, kind):
    def add(graph):
        node = graph.object_graph_def.nodes.add()
        getattr(node, kind).SetInParent()

    with pytest.raises(ValueError, match=f"object of the kind {kind}"):
        check_harmless(change(add))


def test_damaged_graphs(tmp_path):
    for content in (b"", b"no graph", bytes(100)):
        (tmp_path / "saved_model.pb").write_bytes(content)
        with pytest.raises(ValueError, match="no intact SavedModel"):
            check_harmless(tmp_path)
    saved = saved_model_pb2.SavedModel()
    saved.meta_graphs.add()
    (tmp_path / "saved_model.pb").write_bytes(saved.SerializeToString())
    check_harmless(tmp_path)  # it does nothing


@pytest.fixture(scope="module")
def curious(tmp_path_factory):
    """A model that puts a file into its picture; the two."""
    folder = tmp_path_factory.mktemp("curious")
    secret = folder / "secret.png"
    write_image(secret, photos(1)[0])
    module = tf.Module()

    @tf.function(
        input_signature=[tf.TensorSpec((None, SIZE, SIZE, 3), tf.uint8, "x")]
    )
    def translate(x):
        read = tf.io.decode_png(tf.io.read_file(str(secret)), 3)
        return {"translated": tf.broadcast_to(read, tf.shape(x))}

    tf.saved_model.save(
        module, str(folder / "model"), signatures={"serving_default": translate}
    )
    return folder / "model", secret


def test_it_is_run_only_on_request(curious, tmp_path):
    model, secret = curious
    write_image(tmp_path / "a.png", np.zeros((SIZE, SIZE, 3), "uint8"))
    command = ["translate", "--model", str(model), str(tmp_path / "a.png")]
    command += ["--out", str(tmp_path / "out")]
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 1
    assert "operator ReadFile" in refused.output
    assert not (tmp_path / "out").exists()
    ran = CliRunner().invoke(main, [*command, "--trust"])
    assert ran.exit_code == 0, ran.output
    made = read_image(tmp_path / "out" / "a.png")
    np.testing.assert_array_equal(made, read_image(secret))


def test_in_python_it_is_an_argument(curious):
    model, secret = curious
    with pytest.raises(ValueError, match="trust=True"):
        open_artefact(model)
    opened = open_artefact(model, trust=True)
    made = opened.translate(np.zeros((1, SIZE, SIZE, 3), "uint8"))
    np.testing.assert_array_equal(made[0], read_image(secret))
