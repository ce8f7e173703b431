# SPDX-License-Identifier: Apache-2.0
"""控えへの攻撃 — each tries to lose, change or hide something with everything a house has; it answers True where it saw itself succeed.

None means that it could not be tried here (no second user). Whether something changed is compared outside.
"""

from __future__ import annotations

import io
import os
import signal
import socket
import threading
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from tasuki_server.drills.immutable import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tasuki_server.recovery.manifest import Manifest
    from tasuki_server.recovery.offline_key import PublicHalf
    from tasuki_server.recovery.repository import Repository

# The user that the house's own server runs as, where the drill is root: not the keeper's.
HOUSE_USER = 64_320


class Attacker(NamedTuple):
    """攻撃者 — what they have in their hands."""

    port: int
    process: int
    keeper_user: int
    kept: Path
    repository: Repository
    public: PublicHalf
    manifest: Manifest

    @property
    def target(self) -> str:
        """標的 — the object that everything hangs on."""
        return f"bases/{self.manifest.base}/files"

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: tuple[str, ...] = (), *, token: str = TOKEN
    ) -> int:
        """要求 — written byte by byte, so that no library keeps it from being malformed; answers the status, 0 for none."""
        lines = [f"{method} {path} HTTP/1.1", "Host: keeper", f"Authorization: Bearer {token}", *headers]
        if not any(each.lower().startswith(("content-length", "transfer-encoding")) for each in headers):
            lines.append(f"Content-Length: {len(body)}")
        return self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def raw(self, request: bytes) -> int:
        """生の要求 — the first status that comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as wire:
            try:
                wire.sendall(request)
                wire.shutdown(socket.SHUT_WR)
                answer = wire.recv(4096)
            except OSError:
                return 0
        parts = answer.split(b" ", 2)
        return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0

    def signed(self, name: str, content: bytes) -> bytes:
        """本物の署名 — the attacker has the house's signing key, too."""
        from tasuki_server.recovery.sealed_stream import seal
        from tasuki_server.recovery.source import signing_key

        out = io.BytesIO()
        seal(name, iter([content]), self.public, signing_key(), out)
        return out.getvalue()


def _method(method: str, *headers: str) -> Callable[[Attacker], bool | None]:
    def attack(attacker: Attacker) -> bool:
        status = attacker.ask(method, f"/objects/{attacker.target}", b"x", headers)
        return status in range(200, 300) and method != "GET"

    return attack


def _path(path: str) -> Callable[[Attacker], bool | None]:
    """A new object under a name that would land elsewhere."""

    def attack(attacker: Attacker) -> bool:
        full = path.format(base=attacker.manifest.base)
        name = full.removeprefix("/objects/")
        return attacker.ask("PUT", full, attacker.signed(name, b"x")) == HTTPStatus.CREATED

    return attack


def _overwrite_signed(attacker: Attacker) -> bool:
    body = attacker.signed(attacker.target, b"nothing left")
    return attacker.ask("PUT", f"/objects/{attacker.target}", body) == HTTPStatus.CREATED


def _overwrite_manifest(attacker: Attacker) -> bool:
    name = attacker.manifest.name
    return attacker.ask("PUT", f"/objects/{name}", attacker.signed(name, b"{}")) == HTTPStatus.CREATED


def _smuggled(attacker: Attacker) -> bool:
    hidden = f"DELETE /objects/{attacker.target} HTTP/1.1\r\nHost: k\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
    body = f"0\r\n\r\n{hidden}".encode()
    headers = (f"Content-Length: {len(body)}", "Transfer-Encoding: chunked")
    return attacker.ask("PUT", f"/objects/{attacker.target}", body, headers) == HTTPStatus.CREATED


def _cut_off(attacker: Attacker) -> bool:
    """An upload that breaks off must leave neither a half object nor a name that is taken."""
    name = f"log/attack/{os.urandom(8).hex()}"
    body = attacker.signed(name, b"x" * 1000)
    attacker.ask("PUT", f"/objects/{name}", body[:-10], (f"Content-Length: {len(body)}",))
    return attacker.ask("PUT", f"/objects/{name}", body) != HTTPStatus.CREATED


def _cut_off_over(attacker: Attacker) -> bool:
    attacker.ask("PUT", f"/objects/{attacker.target}", b"x", ("Content-Length: 1000000",))
    return False


def _race(attacker: Attacker) -> bool:
    """Two writers of one free name: one of them wins, whole."""
    name = f"log/attack/{os.urandom(8).hex()}"
    bodies = [attacker.signed(name, bytes([each]) * 200_000) for each in range(4)]
    statuses: list[int] = []
    threads = [
        threading.Thread(
            target=lambda body=body: statuses.append(attacker.ask("PUT", f"/objects/{name}", body))
        )  # type: ignore[misc]
        for body in bodies
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    whole = not attacker.kept.joinpath(name).exists() or attacker.kept.joinpath(name).read_bytes() in bodies
    return statuses.count(HTTPStatus.CREATED) != 1 or not whole


def _unsigned(attacker: Attacker) -> bool:
    return (
        attacker.ask("PUT", "/objects/bases/99991231T235959Z-ffffff/manifest", b"x" * 200)
        == HTTPStatus.CREATED
    )


def _fakes_for_the_keep_rule(attacker: Attacker) -> bool:
    """Many newer bases, signed and dated into the future; then the keeper tidies up: the genuine one must stay."""
    from tasuki_server.recovery.manifest import keep_manifest
    from tasuki_server.recovery.repository import Repository
    from tasuki_server.recovery.source import signing_key
    from tasuki_server.recovery.third_copy import prune

    fakes = Repository(attacker.repository.folder.parent / f"fakes-{os.urandom(4).hex()}")
    for _ in range(12):
        base = f"99991231T235959Z-{os.urandom(3).hex()}"
        later = attacker.manifest.mark_at + timedelta(days=4000)
        keep_manifest(fakes, replace(attacker.manifest, base=base, mark_at=later), signing_key())
        name = f"bases/{base}/manifest"
        attacker.ask("PUT", f"/objects/{name}", fakes.place(name).read_bytes())
    newest = max(path.stat().st_mtime for path in attacker.kept.rglob("*") if path.is_file())
    return bool(prune(attacker.kept, 30, newest + 29 * 86_400))


def _clock_back(attacker: Attacker) -> bool:
    """Tidying up with a clock that stands wrong removes nothing."""
    from tasuki_server.cli.words import Stop
    from tasuki_server.recovery.third_copy import prune

    try:
        return bool(prune(attacker.kept, 30, 1_000_000_000.0))
    except Stop:
        return False


def _clock_forward(attacker: Attacker) -> bool:
    """Years later by a forged clock: the newest base stays, and it is whole."""
    headers = (
        "Date: Fri, 31 Dec 9999 23:59:59 GMT",
        "X-Received-At: 0",
        "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
    )
    body = attacker.signed(attacker.target, b"x")
    return attacker.ask("PUT", f"/objects/{attacker.target}", body, headers) == HTTPStatus.CREATED


def _wrong_token(attacker: Attacker) -> bool:
    name = f"log/attack/{os.urandom(8).hex()}"
    return (
        attacker.ask("PUT", f"/objects/{name}", attacker.signed(name, b"x"), token="x" * 40)
        != HTTPStatus.UNAUTHORIZED
    )


def _flood(attacker: Attacker) -> bool:
    name = f"log/attack/{os.urandom(8).hex()}"
    status = attacker.ask("PUT", f"/objects/{name}", b"x", ("Content-Length: 999999999999999",))
    return status != HTTPStatus.INSUFFICIENT_STORAGE


def _as_house_user(act: Callable[[Attacker], None]) -> Callable[[Attacker], bool | None]:
    """On the keeper's machine, by the user of the house."""

    def attack(attacker: Attacker) -> bool | None:
        if attacker.keeper_user < 0:
            return None
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.setgroups([])
                os.setgid(HOUSE_USER)
                os.setuid(HOUSE_USER)
                act(attacker)
                code = 0
            except OSError:
                code = 1
            finally:
                os._exit(code)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    return attack


def _write_over(attacker: Attacker) -> None:
    (attacker.kept / attacker.target).write_bytes(b"x")


ATTACKS: dict[str, Callable[[Attacker], bool | None]] = {
    **{
        f"method_{each.lower()}": _method(each)
        for each in ("DELETE", "PATCH", "POST", "MOVE", "COPY", "PROPPATCH", "LOCK", "MKCOL")
    },
    "method_override": _method("POST", "X-HTTP-Method-Override: DELETE", "X-Method-Override: DELETE"),
    "delete_everything": lambda attacker: attacker.ask("DELETE", "/objects") in range(200, 300),
    "overwrite": _method("PUT"),
    "overwrite_empty": lambda attacker: attacker.ask("PUT", f"/objects/{attacker.target}") in range(200, 300),
    "overwrite_part": _method("PUT", "Content-Range: bytes 0-0/1"),
    "overwrite_signed": _overwrite_signed,
    "overwrite_manifest": _overwrite_manifest,
    "path_up": _path("/objects/bases/../bases/{base}/files"),
    "path_up_encoded": _path("/objects/bases/%2e%2e/bases/{base}/files"),
    "path_absolute": _path("/objects//etc/files"),
    "path_nul": _path("/objects/bases/{base}/files%00"),
    "path_slash": _path("/objects/bases/{base}/files/"),
    "path_query": _path("/objects/bases/{base}/files?x"),
    "path_lock": _path("/objects/locks/{base}/lock"),
    "path_config": _path("/objects/config"),
    "path_token": _path("/objects/token"),
    "path_unfinished": _path("/objects/bases/{base}/.unfinished-x/y"),
    "smuggled_request": _smuggled,
    "cut_off": _cut_off,
    "cut_off_over": _cut_off_over,
    "race_for_a_name": _race,
    "unsigned_newer_base": _unsigned,
    "fakes_for_the_keep_rule": _fakes_for_the_keep_rule,
    "clock_back": _clock_back,
    "clock_forward": _clock_forward,
    "wrong_token": _wrong_token,
    "flood": _flood,
    "files_remove": _as_house_user(lambda attacker: (attacker.kept / attacker.target).unlink()),
    "files_write": _as_house_user(_write_over),
    "files_chmod": _as_house_user(lambda attacker: attacker.kept.chmod(0o777)),
    "files_rename": _as_house_user(lambda attacker: attacker.kept.rename(attacker.kept.with_name("gone"))),
    "keeper_kill": _as_house_user(lambda attacker: os.kill(attacker.process, signal.SIGKILL)),
}
