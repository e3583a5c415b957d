"""Writes what Threenos is made of as CycloneDX 1.6: `sbom.py FILE`. It reads the lock files and needs nothing else.

The same locks give the same file, byte for byte: it has no time, and its serial number is made of its content. Each
Python package is listed with the hash of every file that may be installed for it, since each machine takes its own.
"""

import base64
import hashlib
import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: A lock, and what of it runs: the web's tools build the pages and are not in them.
LOCKS = ("requirements-server.lock", "requirements-station.lock", "requirements-parquet.lock")
WEB = "web/package-lock.json"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NAMESPACE = uuid.UUID("5f0c8a52-7b0e-4f4f-9c55-2f1b7c0d9a10")

Component = dict[str, Any]


def python_packages(lock: Path) -> Iterator[Component]:
    """Every pinned package of a lock file, with its hashes."""
    found: Component | None = None
    for line in lock.read_text(encoding="utf-8").splitlines():
        if pin := _PIN.match(line):
            if found:
                yield found
            name, version = pin[1].lower().replace("_", "-"), pin[2]
            found = _component(name, version, f"pkg:pypi/{name}@{version}")
        if found and (digest := _HASH.search(line)):
            found.setdefault("hashes", []).append({"alg": "SHA-256", "content": digest[1]})
    if found:
        yield found


def web_packages(lock: Path) -> Iterator[Component]:
    """Every package that the pages are built from; what only builds or tests them is marked as excluded."""
    for path, package in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
        if not path:
            continue
        name = path.rpartition("node_modules/")[2]
        purl = f"pkg:npm/{name.replace('@', '%40', 1)}@{package['version']}"
        component = _component(name, package["version"], purl)
        component["scope"] = "excluded" if package.get("dev") or package.get("devOptional") else "required"
        if package.get("license"):
            component["licenses"] = [{"license": {"name": package["license"]}}]
        if package.get("integrity", "").startswith("sha512-"):
            digest = base64.b64decode(package["integrity"].removeprefix("sha512-")).hex()
            component["hashes"] = [{"alg": "SHA-512", "content": digest}]
        yield component


def document(root: Path = ROOT) -> dict[str, Any]:
    """The whole bill."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    components: dict[str, Component] = {}
    for lock in LOCKS:
        components |= {c["bom-ref"]: c for c in python_packages(root / lock)}
    components |= {c["bom-ref"]: c for c in web_packages(root / WEB)}
    listed = [components[ref] for ref in sorted(components)]
    digest = hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()
    own = _component(project["name"], project["version"], f"pkg:pypi/{project['name']}@{project['version']}")
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, digest)}",
        "version": 1,
        "metadata": {"component": own | {"type": "application", "licenses": [{"license": {"id": project["license"]}}]}},
        "components": listed,
    }


def _component(name: str, version: str, purl: str) -> Component:
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


if __name__ == "__main__":
    made = document()
    Path(sys.argv[1]).write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{sys.argv[1]}: {len(made['components'])} packages")
