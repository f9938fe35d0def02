"""The manifests of examples/scale/serving, by the schemas of Kubernetes.

Nothing of them was applied to a cluster.
"""

import ast
import copy
import importlib.metadata
import pathlib
import re

import pytest
import yaml

FOLDER = pathlib.Path(__file__).parents[1] / "examples" / "scale" / "serving"
# As of docs/deployment.md: of the server with the model, and of each request.
BASE_MIB, MIB_PER_MEGAPIXEL = 958, 1275
VERSION = "1.32"


def manifests(name):
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


def of_kind(kind, name="deployment.yaml"):
    (found,) = [m for m in manifests(name) if m["kind"] == kind]
    return found


def pod():
    return of_kind("Deployment")["spec"]["template"]["spec"]


def container():
    (found,) = pod()["containers"]
    return found


def predictor():
    return of_kind("InferenceService", "kserve.yaml")["spec"]["predictor"]


def validate(manifest):
    validator = pytest.importorskip(
        "kubernetes_validate", reason="kubernetes-validate is missing"
    )
    try:
        validator.validate(manifest, VERSION, strict=True)
    except validator.ValidationError as error:
        raise ValueError(error.message) from error


@pytest.mark.parametrize(
    "kind",
    [
        "PersistentVolumeClaim",
        "ConfigMap",
        "Deployment",
        "Service",
        "HorizontalPodAutoscaler",
        "PodDisruptionBudget",
    ],
)
def test_what_kubernetes_knows_is_valid(kind):
    manifest = of_kind(kind)
    validate(manifest)
    if kind == "ConfigMap":
        assert manifest == of_kind(kind, "kserve.yaml")
    wrong = copy.deepcopy(manifest)
    wrong["spezification"] = {}
    with pytest.raises(ValueError, match="spezification"):
        validate(wrong)


def test_the_inference_service_is_valid():
    service = of_kind("InferenceService", "kserve.yaml")
    check_kserve(service, "V1beta1InferenceService")
    # What KServe puts into its pods, in a pod.
    model = dict(predictor()["model"])
    for own in ("modelFormat", "storageUri", "runtimeVersion"):
        del model[own]
    spec = {
        key: predictor()[key]
        for key in (
            "automountServiceAccountToken",
            "terminationGracePeriodSeconds",
            "volumes",
        )
    }
    spec["containers"] = [{"name": "kserve-container", **model}]
    made = {"apiVersion": "v1", "kind": "Pod", "spec": spec}
    validate(made)
    model["livenessProbe"] = {"tcpSocket": {}}
    spec["containers"] = [{"name": "kserve-container", **model}]
    with pytest.raises(ValueError, match="port"):
        validate(made)
    for change in ({"minReplica": 1}, {"scaleTarget": "many"}):
        wrong = copy.deepcopy(service)
        wrong["spec"]["predictor"] |= change
        with pytest.raises(ValueError, match=next(iter(change))):
            check_kserve(wrong, "V1beta1InferenceService")


def check_kserve(value, kind):
    """Compares with the classes that KServe generates from its own schema.

    They are read and not imported: the package wants half of a platform.
    Types of Kubernetes (V1...) are left to its own schemas.
    """
    if kind.startswith("list["):
        assert isinstance(value, list)
        for one in value:
            check_kserve(one, kind[5:-1])
    elif kind.startswith("V1beta1"):
        types, words = kserve_class(kind)
        for word, part in value.items():
            if word not in words:
                raise ValueError(f"{kind} has no {word}")
            try:
                check_kserve(part, types[words[word]])
            except TypeError as error:
                raise ValueError(f"{word}: {error}") from error
    else:
        known = {"str": str, "int": int, "bool": bool}
        expected = known.get(kind, object)
        if not isinstance(value, expected):
            raise TypeError(f"{value!r} is no {kind}")


def kserve_class(name):
    """(types by attribute, attribute by word) of a generated class."""
    try:
        files = importlib.metadata.files("kserve")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("kserve is missing: pip install --no-deps kserve")
    file = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    (path,) = [each for each in files if each.name == f"{file}.py"]
    dicts = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in ("openapi_types", "attribute_map")
    }
    words = {word: key for key, word in dicts["attribute_map"].items()}
    return dicts["openapi_types"], words


def test_names_and_ports_fit_together():
    deployment, service = of_kind("Deployment"), of_kind("Service")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    name = deployment["metadata"]["name"]
    for selector in (
        deployment["spec"]["selector"]["matchLabels"],
        service["spec"]["selector"],
        of_kind("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
    target = of_kind("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", name)
    assert "replicas" not in deployment["spec"]  # two owners would fight
    ports = {p["name"]: p["containerPort"] for p in container()["ports"]}
    for port in service["spec"]["ports"]:
        assert ports[port["targetPort"]] == port["port"]
    flags = flags_of(container())
    assert ports == {
        "rest": int(flags["rest_api_port"]),
        "grpc": int(flags["port"]),
    }
    assert flags["model_name"] == name
    claim = of_kind("PersistentVolumeClaim")["metadata"]["name"]
    assert predictor()["model"]["storageUri"] == f"pvc://{claim}/{name}"


def flags_of(part):
    return dict(arg.removeprefix("--").split("=") for arg in part["args"])


def test_the_model_is_mounted_read_only():
    volumes = {volume["name"]: volume for volume in pod()["volumes"]}
    assert volumes["models"]["persistentVolumeClaim"]["readOnly"]
    assert all(mount["readOnly"] for mount in container()["volumeMounts"])
    (mount,) = [m for m in container()["volumeMounts"] if m["name"] == "models"]
    base = flags_of(container())["model_base_path"]
    assert base.startswith(mount["mountPath"] + "/")
    assert container()["securityContext"]["readOnlyRootFilesystem"]


@pytest.mark.parametrize("made_by", ["deployment.yaml", "kserve.yaml"])
def test_limits_hold_what_was_measured(made_by):
    plain = made_by == "deployment.yaml"
    part = container() if plain else predictor()["model"]
    flags, resources = flags_of(part), part["resources"]
    pixels = int(
        re.search(
            r"--max-pixels (\d+)", (FOLDER / "deployment.yaml").read_text()
        )[1]
    )
    at_once = int(flags["rest_api_num_threads"]) + int(
        flags["grpc_max_threads"]
    )
    most = BASE_MIB + at_once * MIB_PER_MEGAPIXEL * pixels / 1e6
    assert mib(resources["limits"]["memory"]) >= most
    assert BASE_MIB <= mib(resources["requests"]["memory"]) <= most
    assert resources["requests"]["cpu"] == resources["limits"]["cpu"]
    assert (
        flags["tensorflow_intra_op_parallelism"] == resources["limits"]["cpu"]
    )
    # As many seconds as a request may take, before and at the end.
    seconds = int(flags["rest_api_timeout_in_ms"]) / 1000
    ends = pod() if plain else predictor()
    assert ends["terminationGracePeriodSeconds"] > seconds


def mib(text):
    number, unit = re.fullmatch(r"(\d+)(Mi|Gi)", text).groups()
    return int(number) * {"Mi": 1, "Gi": 1024}[unit]


@pytest.mark.parametrize("made_by", ["deployment.yaml", "kserve.yaml"])
def test_the_monitoring_is_where_it_is_looked_for(made_by):
    config = of_kind("ConfigMap", made_by)["data"]["monitoring.config"]
    path = re.search(r'enable: true path: "([^"]+)"', config)[1]
    if made_by == "deployment.yaml":
        facts = of_kind("Deployment")["spec"]["template"]["metadata"]
        part = container()
    else:
        facts = of_kind("InferenceService", made_by)["metadata"]
        part = predictor()["model"]
    assert facts["annotations"]["prometheus.io/path"] == path
    (mount,) = [m for m in part["volumeMounts"] if m["name"] == "monitoring"]
    file = flags_of(part)["monitoring_config_file"]
    assert file == f"{mount['mountPath']}/monitoring.config"


def test_a_pod_is_ready_by_what_the_server_says():
    """tests/serving/test_server.py asks a server for that path."""
    part = predictor()["model"]
    for probes in (container(), part):
        for kind in ("startupProbe", "readinessProbe"):
            path = probes[kind]["httpGet"]["path"]
            assert path == "/v1/models/ugatit-anime/metadata"
        # No thread of the server is needed to say that it is alive.
        assert set(probes["livenessProbe"]) >= {"tcpSocket"}
        assert "httpGet" not in probes["livenessProbe"]
