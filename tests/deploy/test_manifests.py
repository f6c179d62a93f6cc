"""The manifests in deploy/kuberay/ against KubeRay's own schema."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = ROOT.parent / "shared" / "schemas" / "ray.io_rayclusters.yaml"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the schema is long, so use the fast loader
MANIFESTS = sorted((ROOT / "deploy" / "kuberay").glob("*.yaml"))

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed (it comes with Ray)")


def documents(path: Path) -> list[dict[str, Any]]:
    return [one for one in yaml.load_all(path.read_text(), Loader=LOADER) if one]


def clusters() -> list[dict[str, Any]]:
    return [one for path in MANIFESTS for one in documents(path) if one["kind"] == "RayCluster"]


def strict(schema: Any) -> Any:
    """Adapt a Kubernetes schema for jsonschema: reject unknown fields, and support `int-or-string`."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
        made["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    closed = isinstance(schema.get("properties"), dict) and schema.get("type") == "object"
    if closed and "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        made["additionalProperties"] = False
    return made


@pytest.fixture(scope="module")
def validator() -> Any:
    if not SCHEMA.exists():
        pytest.skip(f"KubeRay's schema is missing ({SCHEMA.name})")
    (definition,) = documents(SCHEMA)
    version = next(v for v in definition["spec"]["versions"] if v["name"] == "v1")
    whole = strict(version["schema"]["openAPIV3Schema"])
    whole["properties"]["metadata"] = {"type": "object"}
    return jsonschema.Draft7Validator(whole)


def test_every_cluster_is_valid(validator: Any) -> None:
    assert clusters()
    for cluster in clusters():
        assert cluster["apiVersion"] == "ray.io/v1"
        assert [error.message for error in validator.iter_errors(cluster)] == []


def test_mistakes_are_seen(validator: Any) -> None:
    (cluster,) = clusters()
    for path, value in (
        (("headGroupSpec", "templete"), {}),
        (("authOptions", "mode"), "tokens"),
        (("workerGroupSpecs", 0, "replicas"), "four"),
        (("headGroupSpec", "template", "spec", "containers", 0, "imge"), "x"),
    ):
        wrong = copy.deepcopy(cluster)
        place = wrong["spec"]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        assert list(validator.iter_errors(wrong)), f"{path} = {value} goes through"


def test_every_pod_asks_for_a_token_and_is_confined() -> None:
    for cluster in clusters():
        spec = cluster["spec"]
        assert spec["authOptions"] == {"mode": "token"}
        groups = [spec["headGroupSpec"], *spec["workerGroupSpecs"]]
        images = set()
        for group in groups:
            pod = group["template"]["spec"]
            assert pod["securityContext"]["runAsNonRoot"] and not pod["automountServiceAccountToken"]
            volumes = {volume["name"] for volume in pod["volumes"]}
            for container in pod["containers"]:
                images.add(container["image"])
                assert container["securityContext"]["allowPrivilegeEscalation"] is False
                assert container["resources"]["requests"] == container["resources"]["limits"]
                assert {mount["name"] for mount in container["volumeMounts"]} == volumes
                probes = [container[kind]["tcpSocket"]["port"] for kind in ("readinessProbe", "livenessProbe")]
                port = 6379 if group is groups[0] else int(group["rayStartParams"]["node-manager-port"])
                assert probes == [port, port]
        assert len(images) == 1, "all nodes need the same code"


def test_policy_and_claim_belong_to_the_cluster() -> None:
    every = {one["kind"]: one for path in MANIFESTS for one in documents(path)}
    name = every["RayCluster"]["metadata"]["name"]
    policy = every["NetworkPolicy"]["spec"]
    of = {"matchLabels": {"ray.io/cluster": name}}
    assert policy["podSelector"] == of and policy["ingress"] == [{"from": [{"podSelector": of}]}]
    volumes = every["RayCluster"]["spec"]["headGroupSpec"]["template"]["spec"]["volumes"]
    claims = [v["persistentVolumeClaim"]["claimName"] for v in volumes if "persistentVolumeClaim" in v]
    assert claims == [every["PersistentVolumeClaim"]["metadata"]["name"]]
