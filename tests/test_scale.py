"""What is for clusters says what the command understands."""

import os
import pathlib
import subprocess
import sys

import pytest
import yaml

from keras_gan_translate.cli.train import train

SCALE = pathlib.Path(__file__).parents[1] / "examples" / "scale"


def manifest():
    text = (SCALE / "kubernetes.yaml").read_text()
    return {part["kind"]: part for part in yaml.safe_load_all(text)}


def given(words):
    """The options of a command line of `kgt train`."""
    context = train.make_context("train", list(words))
    return context.params


def test_kubernetes_starts_as_many_hosts_as_the_command_says():
    service, job = manifest()["Service"], manifest()["Job"]["spec"]
    pod = job["template"]["spec"]
    (container,) = pod["containers"]
    assert container["command"] == ["kgt", "train"]
    index = container["env"][1]
    words = [
        word.replace(f"$({index['name']})", "1") for word in container["args"]
    ]
    options = given(words)
    assert options["hosts"] == job["completions"] == job["parallelism"]
    assert job["completionMode"] == "Indexed" and options["host_index"] == 1
    host, _, port = options["coordinator"].partition(":")
    name = service["metadata"]["name"]
    assert host == f"{name}-0.{pod['subdomain']}" and pod["subdomain"] == name
    assert service["spec"]["selector"] == {"job-name": name}
    assert [one["port"] for one in service["spec"]["ports"]] == [int(port)]


def test_kubernetes_manifests_fit_the_schemas():
    checker = pytest.importorskip("kubernetes_validate")
    for part in manifest().values():
        checker.validate(part, checker.latest_version(), strict=True)


def test_slurm_starts_the_command_on_every_node(tmp_path):
    if sys.platform == "win32":
        pytest.skip("there is no Slurm")
    stands_for = {
        "scontrol": "echo node7; echo node8",
        "srun": 'shift; for i in 0 1; do SLURM_NODEID=$i "$@" || exit $?; done',
        "kgt": 'echo "$@" >> seen; exit $(cat code)',
        "sleep": "echo 0 > code",
    }
    for name, script in stands_for.items():
        path = tmp_path / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "SLURM_JOB_NODELIST": "node[7-8]",
        "SLURM_NNODES": "2",
    }

    def run(code):
        (tmp_path / "seen").unlink(missing_ok=True)
        (tmp_path / "code").write_text(code)
        done = subprocess.run(
            ["bash", SCALE / "slurm.sh"], cwd=tmp_path, env=environment
        )
        return done.returncode, (tmp_path / "seen").read_text().splitlines()

    code, seen = run("0")
    assert code == 0 and len(seen) == 2
    for number, line in enumerate(seen):
        options = given(line.removeprefix("train ").split())
        assert options["hosts"] == 2 and options["host_index"] == number
        assert options["coordinator"] == "node7:9876"
    # A host is lost: all start again. The time is over: they do not.
    code, seen = run("1")
    assert code == 0 and len(seen) == 3
    assert run("143") == (143, seen[:1])
