"""The bill of materials: well-formed, whole, and the same for the same locks."""

import importlib.util
import json
import re
import uuid
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]
LENGTHS = {"SHA-256": 64, "SHA-512": 128}


@pytest.fixture(scope="module")
def sbom() -> ModuleType:
    """The program `.ci/sbom.py`."""
    spec = importlib.util.spec_from_file_location("sbom", ROOT / ".ci" / "sbom.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_cyclonedx(sbom: ModuleType) -> None:
    """What the schema of CycloneDX 1.6 demands of a bill and of each component, and what it allows in the rest."""
    bill = sbom.document()
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert uuid.UUID(bill["serialNumber"].removeprefix("urn:uuid:")).version == 5
    assert bill["metadata"]["component"]["name"] == "threenos"
    references = [c["bom-ref"] for c in bill["components"]]
    assert len(set(references)) == len(references)
    for component in bill["components"]:
        assert component["type"] == "library"
        assert component["name"] and component["version"]
        assert re.fullmatch(r"pkg:(pypi|npm)/[\w.%/-]+@[\w.+-]+", component["purl"]), component["purl"]
        assert component.get("scope", "required") in ("required", "excluded")
        for digest in component["hashes"]:
            assert re.fullmatch(r"[0-9a-f]+", digest["content"]) and len(digest["content"]) == LENGTHS[digest["alg"]]


def test_every_locked_package_is_in_it(sbom: ModuleType) -> None:
    """Each line of each lock, the web's too, at its version."""
    purls = {c["purl"] for c in sbom.document()["components"]}
    pinned = [
        (name.lower().replace("_", "-"), version)
        for lock in sbom.LOCKS
        for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / lock).read_text(), re.M)
    ]
    assert len(pinned) > 40
    assert [name for name, version in pinned if f"pkg:pypi/{name}@{version}" not in purls] == []
    packages = json.loads((ROOT / sbom.WEB).read_text())["packages"]
    assert "node_modules/vue" in packages
    assert sum(purl.startswith("pkg:npm/") for purl in purls) == len({
        (path.rpartition("node_modules/")[2], p["version"]) for path, p in packages.items() if path
    })  # fmt: skip


def test_what_only_builds_the_pages_is_marked(sbom: ModuleType) -> None:
    """Whoever asks what runs sees it."""
    scopes = {c["name"]: c.get("scope") for c in sbom.document()["components"]}
    assert (scopes["vue"], scopes["typescript"], scopes["flask"]) == ("required", "excluded", None)


def test_the_same_locks_give_the_same_bill(sbom: ModuleType) -> None:
    """So that a difference between two releases is a difference of what they are made of."""
    assert json.dumps(sbom.document()) == json.dumps(sbom.document())
