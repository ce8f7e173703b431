# SPDX-License-Identifier: Apache-2.0
"""公式の見本と定義 — the official examples and StructureDefinitions, when they are beside the checkout."""

from __future__ import annotations

import json
import os
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sharing.profile_faults import Asked, AskedSlice, read_slices, read_snapshot

SHARED = Path(os.environ.get("TASUKI_SHARED", Path(__file__).parents[3] / "shared"))
FHIR = SHARED / "reference" / "fhir-jp"
PACKAGES = {
    "fhir-r4": FHIR / "r4" / "hl7.fhir.r4.core-4.0.1.tgz",
    "jp-core": FHIR / "jp-core" / "jp-core-1.2.0-built.tar.gz",
    "jp-clins": FHIR / "jp-clins" / "jp-clins-20241024-built.tar.gz",
    "jp-echeckup": FHIR / "echeckup" / "jp-echeckup-1.5.0-built.tar.gz",
}
examples_present = pytest.mark.skipif(
    not FHIR.exists(), reason="the official FHIR packages and examples are not beside the checkout"
)
# The examples of FHIR R4 itself (package hl7.fhir.r4.examples#4.0.1, unpacked), where someone has them.
R4_EXAMPLES = Path(os.environ.get("TASUKI_FHIR_R4_EXAMPLES", "/nonexistent"))


def files() -> list[Path]:
    return sorted(
        each
        for folder in ("jp-core", "jp-clins", "echeckup")
        for each in (FHIR / folder / "examples").glob("*.json")
    )


def examples() -> dict[str, dict[str, Any]]:
    return {f"{each.parts[-3]}/{each.name}": json.loads(each.read_bytes()) for each in files()}


@cache
def _definitions() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name in ("jp-core", "jp-clins", "jp-echeckup"):
        with tarfile.open(PACKAGES[name]) as archive:
            for member in archive:
                if "/StructureDefinition-" in member.name and member.name.endswith(".json"):
                    stream = archive.extractfile(member)
                    assert stream is not None
                    value = json.loads(stream.read())
                    found.setdefault(value["url"], value)
    return found


def asked() -> dict[str, list[Asked]]:
    return {url: read_snapshot(each) for url, each in _definitions().items()}


def slices() -> dict[str, list[AskedSlice]]:
    return {url: read_slices(each) for url, each in _definitions().items()}
