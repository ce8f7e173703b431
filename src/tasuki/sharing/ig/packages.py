# SPDX-License-Identifier: Apache-2.0
"""FHIRパッケージ — the conformance resources of a package, read from its .tgz within bounds."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.strict_json import NotStrict, read_strictly

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_FILE_BYTES = 64_000_000
MOST_BYTES = 2_000_000_000
MOST_FILES = 50_000
DEPTH = 200
WANTED = ("StructureDefinition", "ValueSet", "CodeSystem")


class PackageFile(NamedTuple):
    """パッケージ内のファイル — its name and bytes."""

    name: str
    data: bytes


def read_archive(data: bytes, name: str) -> Iterator[PackageFile]:
    """パッケージの読込み — the JSON files of a .tgz. Raises :class:`BadInput` when broken or too large."""
    total = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:*") as archive:
            for count, member in enumerate(archive):
                if count > MOST_FILES:
                    raise BadInput([_broken(name, f"{MOST_FILES}ファイルを超えています")])
                if not member.isfile() or not member.name.endswith(".json"):
                    continue
                total += member.size
                if member.size > MOST_FILE_BYTES or total > MOST_BYTES:
                    raise BadInput([_broken(name, f"{member.name} までで大きすぎます")])
                stream = archive.extractfile(member)
                if stream is not None:
                    yield PackageFile(member.name, stream.read())
    except (tarfile.TarError, EOFError, OSError) as wrong:
        raise BadInput([_broken(name, str(wrong))]) from wrong


def conformance_resource(file: PackageFile) -> dict[str, Any] | None:
    """適合性リソース — a StructureDefinition, ValueSet or CodeSystem with a canonical URL; else ``None``."""
    if not any(kind.encode() in file.data for kind in WANTED):
        return None
    try:
        value = read_strictly(file.data, DEPTH)
    except NotStrict as wrong:
        raise BadInput([_broken(file.name, str(wrong))]) from wrong
    if not isinstance(value, dict) or value.get("resourceType") not in WANTED or "url" not in value:
        return None
    return value


def _broken(name: str, detail: str) -> Finding:
    return Finding("FHIR-P-09", Severity.BLOCK, Where(name), "sharing.FHIR-P-09", {"detail": detail})
