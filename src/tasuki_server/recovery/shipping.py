# SPDX-License-Identifier: Apache-2.0
"""記録の送り出し — full segments go from the receiver into the repository, sealed; what the newest base no longer needs leaves the receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki_server.recovery.receiver import branch_of, whole_segments
from tasuki_server.recovery.sealed_stream import seal
from tasuki_server.recovery.source import signing_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from tasuki_server.recovery.offline_key import PublicHalf
    from tasuki_server.recovery.repository import Repository


def ship_segments(
    folder: Path, repository: Repository, public: PublicHalf, needed_since: str = ""
) -> list[str]:
    """記録の送り出し — answers what was new; segments before ``needed_since`` are removed once they are kept."""
    branch, shipped = branch_of(folder), []
    for path in whole_segments(folder):
        name = f"log/{branch}/{path.name}"
        if not repository.has(name):
            repository.put(name, lambda out, path=path, name=name: _write(out, path, name, public))  # type: ignore[misc]
            shipped.append(name)
        if needed_since and path.name[8:] < needed_since[8:]:
            path.unlink()
    return shipped


def _write(out: BinaryIO, path: Path, name: str, public: PublicHalf) -> None:
    seal(name, _parts(path), public, signing_key(), out)


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while part := stream.read(1 << 20):
            yield part
