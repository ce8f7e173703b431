# SPDX-License-Identifier: Apache-2.0
"""部品表（SBOM） — what is installed here, with the hashes that the locks demand, as CycloneDX 1.6."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Locked(NamedTuple):
    """施錠した部品 — one line of a lock file with all its hashes."""

    name: str
    version: str
    hashes: tuple[str, ...]


def plain_name(name: str) -> str:
    """部品名 — as indexes compare them (PEP 503).

    >>> plain_name("Django_Htmx")
    'django-htmx'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(text: str) -> list[Locked]:
    """施錠ファイルの読取り — every requirement; one without a hash has none here.

    >>> read_lock("a==1 \\\\\\n    --hash=sha256:" + "0" * 64 + "\\nb==2\\n")[1]
    Locked(name='b', version='2', hashes=())
    """
    found: list[Locked] = []
    for line in text.splitlines():
        start = _LOCKED.match(line)
        if start:
            found.append(Locked(plain_name(start[1]), start[2], ()))
        if found and (hashes := tuple(_HASH.findall(line))):
            found[-1] = found[-1]._replace(hashes=found[-1].hashes + hashes)
    return found


def locks_below(folder: Path) -> dict[str, list[Locked]]:
    """施錠ファイル — by name."""
    return {each.name: read_lock(each.read_text("utf-8")) for each in sorted(folder.glob("*.lock"))}


def bill_of_materials(locks: dict[str, list[Locked]]) -> dict[str, Any]:
    """部品表 — of this environment; the same environment gives the same document."""
    hashes: dict[tuple[str, str], set[str]] = {}
    for lines in locks.values():
        for each in lines:
            hashes.setdefault((each.name, each.version), set()).update(each.hashes)
    installed = {plain_name(each.metadata["Name"]): each for each in distributions()}
    own = installed.pop("tasuki", None)
    components = [_component(name, each, hashes) for name, each in sorted(installed.items())]
    version = own.version if own is not None else "0"
    serial = uuid5(NAMESPACE_URL, "tasuki:" + ",".join(each["purl"] for each in components))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "tasuki",
                "name": "tasuki",
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": components,
        "dependencies": [{"ref": "tasuki", "dependsOn": [each["bom-ref"] for each in components]}],
    }


def _component(name: str, found: Distribution, hashes: dict[tuple[str, str], set[str]]) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{found.version}"
    said = found.metadata.get("License-Expression") or found.metadata.get("License") or ""
    known = sorted(hashes.get((name, found.version), ()))
    component: dict[str, Any] = {
        "type": "library", "bom-ref": purl, "name": name, "version": found.version, "purl": purl
    }  # fmt: skip
    if said and "\n" not in said:
        component["licenses"] = [{"license": {"name": said}}]
    if known:
        # One hash for each file of the release; which of them was installed is not told by the environment.
        component["properties"] = [{"name": "tasuki:locked-sha256", "value": each} for each in known]
    return component
