import keras
import numpy as np
import pytest

from keras_gan_translate.metrics import Features, open_features
from keras_gan_translate.metrics import features as features_module
from keras_gan_translate.metrics.features import vgg_features


def images(count=3, size=40):
    random = np.random.default_rng(0)
    return random.integers(0, 256, (count, size, size, 3), "uint8")


def test_names_say_what_the_features_are():
    def titles(*arguments, **options):
        seen = Features(None, *arguments, **options)
        return [seen.title(metric) for metric in ("FID", "KID")]

    assert titles("inception-2015", 299) == [
        "FID (inception-2015)",
        "KID (inception-2015)",
    ]
    assert titles("vgg16", 224) == ["Frechet distance (vgg16)", "KID (vgg16)"]
    assert titles("random vgg16", 64, trained=False) == [
        "Frechet distance (random vgg16)",
        "kernel distance (random vgg16)",
    ]


def test_random_features_are_the_same_every_time():
    seen = [open_features("random", 32)(images()) for _ in range(2)]
    np.testing.assert_array_equal(*seen)
    assert seen[0].shape == (3, 256) and seen[0].std(0).max() > 0
    assert not open_features("random").trained


def test_vgg16_of_a_file(tmp_path):
    path = tmp_path / "vgg.weights.h5"
    network = keras.applications.VGG16(include_top=False, weights=None)
    network.save_weights(path)
    seen = open_features(f"vgg16={path}", 64)
    assert (seen.name, seen.trained) == ("vgg16", True)
    x = images(2, 64)
    expected = keras.applications.vgg16.preprocess_input(x.astype("float32"))
    last = network.get_layer("block5_conv3").output
    expected = keras.Model(network.input, last).predict(expected, verbose=0)
    np.testing.assert_allclose(
        seen(x), expected.mean((1, 2)), rtol=1e-3, atol=1e-3
    )


def test_a_network_of_one_s_own(tmp_path):
    inputs = keras.Input((8, 8, 3))
    network = keras.Model(inputs, keras.layers.AveragePooling2D(4)(inputs))
    network.save(tmp_path / "own.keras")
    seen = open_features(f"mine={tmp_path / 'own.keras'}")
    x = images(5, 8)
    expected = x.mean((1, 2)) / 127.5 - 1
    np.testing.assert_allclose(seen(x), expected, atol=1e-5)
    assert (seen.title("FID"), seen.size) == ("Frechet distance (mine)", 8)
    with pytest.raises(ValueError, match="to take images"):
        inputs = keras.Input((8,))
        network = keras.Model(inputs, keras.layers.Dense(2)(inputs))
        network.save(tmp_path / "other.keras")
        open_features(f"mine={tmp_path / 'other.keras'}")


def test_batches_are_filled_up_and_cut_again(monkeypatch):
    monkeypatch.setattr(features_module, "BATCH", 4)
    counts = []

    def network(x):
        counts.append(len(x))
        return x.mean((1, 2))

    seen = Features(network, "mean", 8)
    x = images(6, 8)
    np.testing.assert_allclose(seen(x), x.mean((1, 2)), rtol=1e-6)
    assert counts == [4, 4]


def test_the_graph_of_2015(tmp_path):
    tf = pytest.importorskip("tensorflow", reason="it is a TensorFlow file")
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, (None, None, None, 3))
        x = tf.identity(x, "ExpandDims")
        x = tf.reduce_mean(x, (1, 2), keepdims=True)
        tf.concat([x, 2 * x], -1, "pool_3")
    path = tmp_path / "inception.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    seen = open_features(f"inception-2015={path}")
    x = images(2, 299)
    expected = x.mean((1, 2))
    expected = np.concatenate([expected, 2 * expected], -1)
    np.testing.assert_allclose(seen(x), expected, rtol=1e-4)
    assert seen.title("FID") == "FID (inception-2015)"
    path.write_bytes(b"no graph")
    with pytest.raises(ValueError, match="no intact Inception graph of 2015"):
        open_features(f"inception-2015={path}")


def test_a_graph_that_does_more_than_compute_is_not_run(tmp_path):
    tf = pytest.importorskip("tensorflow", reason="it is a TensorFlow file")
    written = tmp_path / "written"
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, (None, None, None, 3))
        x = tf.identity(x, "ExpandDims")
        with tf.control_dependencies([tf.io.write_file(str(written), "here")]):
            tf.reduce_mean(x, (1, 2), keepdims=True, name="pool_3")
    path = tmp_path / "inception.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    with pytest.raises(ValueError, match="was not run.*WriteFile"):
        open_features(f"inception-2015={path}")
    assert not written.exists()


def test_errors_name_what_came(tmp_path):
    with pytest.raises(ValueError, match="'vgg61'.*vgg16.*inception-2015"):
        open_features("vgg61")
    with pytest.raises(FileNotFoundError, match="nowhere.h5' of vgg16"):
        open_features("vgg16=nowhere.h5")
    with pytest.raises(ValueError, match=r"float32 \(8, 8, 3\)"):
        Features(None, "none", 8)(np.zeros((1, 8, 8, 3), "float32"))
    assert vgg_features.__doc__
