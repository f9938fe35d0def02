"""Two processes that train together are one; one is killed, and all goes on."""

import pytest

from keras_gan_translate import backend, devices
from tests.long import hosts


def test_a_host_is_lost_and_the_same_commands_go_on(tmp_path):
    if backend.BACKEND != "jax":
        pytest.skip("several hosts train on JAX")
    together = hosts.start(tmp_path, "two", 2, {1: hosts.STEPS + 7})
    hosts.train(tmp_path / "one", tmp_path / "one.0.log")
    codes, said = hosts.ended(together)
    # JAX aborts who is slow to leave, its words said.
    assert codes[1] == -9 and codes[0] in (1, -6), said
    assert "Another host is gone" in said[0]
    codes, said = hosts.ended(hosts.start(tmp_path, "two", 2))
    assert codes == [0, 0], said
    logs = [hosts.losses(tmp_path / f"{n}.0.log") for n in ("one", "two")]
    assert sorted(logs[0]) == list(range(1, hosts.EPOCHS * hosts.STEPS + 1))
    assert hosts.apart(*logs) < 1e-5
    # By their numbers: how Keras counts names depends on what was built before.
    one, two = (
        {name.split()[0]: array for name, array in leaves.items()}
        for leaves in (hosts.leaves(tmp_path / n) for n in ("one", "two"))
    )
    assert one.keys() == two.keys()
    for number, array in two.items():
        assert array == pytest.approx(one[number], rel=1e-4, abs=1e-6), number


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"count": 0}, "Devices are 1 or more"),
        ({"hosts": 2, "host_index": 2}, "numbers 0 to 1"),
        ({"hosts": 2}, "need the coordinator"),
        ({"hosts": 2, "coordinator": "10.0.0.7"}, "HOST:PORT"),
    ],
)
def test_arguments_are_refused_in_words(given, words):
    with pytest.raises(ValueError, match=words), devices(**given):
        pass


def test_several_hosts_are_for_jax():
    if backend.BACKEND == "jax":
        pytest.skip("this is JAX")
    with (
        pytest.raises(ValueError, match="KERAS_BACKEND=jax"),
        devices(hosts=2, coordinator="10.0.0.7:9876"),
    ):
        pass
