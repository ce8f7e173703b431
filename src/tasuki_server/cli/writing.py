# SPDX-License-Identifier: Apache-2.0
"""ファイルの書出 — whole files or none: written beside their place, then renamed into it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tasuki_server.cli.words import Stop


def write_all(files: Sequence[tuple[Path, bytes]]) -> None:
    """全件書出 — every file is complete on disk before the first takes its name.

    Raises :class:`Stop` when the place cannot be written; nothing half-written is left.
    """
    waiting: list[tuple[Path, Path]] = []
    try:
        for path, data in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            waiting.append((Path(name), path))
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        for made, path in waiting:
            made.chmod(0o644)
            made.replace(path)
    except OSError as trouble:
        for made, _ in waiting:
            made.unlink(missing_ok=True)
        place = trouble.filename or (files[0][0] if files else "")
        raise Stop(
            f"{place} に書けません（{trouble.strerror}）。", f"Cannot write {place} ({trouble.strerror})."
        ) from trouble


@contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """逐次書出 — a stream beside ``path`` that takes its name when the block ends well, and vanishes when not.

    Raises :class:`Stop` when the place cannot be written.
    """
    made: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        made = Path(name)
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        made.chmod(0o644)
        made.replace(path)
        made = None
    except OSError as trouble:
        place = trouble.filename or path
        raise Stop(
            f"{place} に書けません（{trouble.strerror}）。", f"Cannot write {place} ({trouble.strerror})."
        ) from trouble
    finally:
        if made is not None:
            made.unlink(missing_ok=True)
