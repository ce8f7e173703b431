# SPDX-License-Identifier: Apache-2.0
"""控えを守る訓練 — an attacker with the house's token, signing key and user tries to destroy the third copy; nothing may change.

The keeper runs as a process of another user. Every attack is made while the genuine objects lie there; afterwards each of
them is compared, and a house is restored from what the keeper gives back. The control is a keeper that overwrites.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import a_clinic, training_ground

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOKEN = "kunren-no-aikotoba-" + "0" * 32
TIMES = {Tier.PUSH: 1, Tier.LONG: 20}


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """控えを守る訓練 — see the module."""
    with training_ground() as folder:
        return _in(folder, tier, seed, tell)


def _in(folder: Path, tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    from tasuki_server.audit.bringing import logs
    from tasuki_server.audit.witness import Witness
    from tasuki_server.drills.immutable_attacks import ATTACKS, Attacker
    from tasuki_server.recovery.base_backup import create_base
    from tasuki_server.recovery.offline_key import OfflineKey
    from tasuki_server.recovery.proving import brought_roots, prove
    from tasuki_server.recovery.repository import Repository
    from tasuki_server.recovery.restoring import restore
    from tasuki_server.recovery.source import signer
    from tasuki_server.recovery.third_copy import DistantCopy

    a_clinic(1)
    witness = Witness(folder / "witness", "drill/witness")
    for origin, public in logs():
        witness.trust(origin, public)
    key, repository = OfflineKey.made(signer()), Repository(folder / "backups")
    manifest = create_base(repository, key.public, "", lambda: brought_roots(witness))
    succeeded: list[str] = []
    tried = 0
    place = Path(tempfile.mkdtemp(prefix="tasuki-drill-keeper-"))
    place.chmod(0o755)
    try:
        with keeper_process(place / "kept", Repository) as (port, process, user):
            keeper = DistantCopy(f"http://127.0.0.1:{port}", TOKEN)
            keeper.send_new(repository)
            before = sums_of(place / "kept")
            attacker = Attacker(port, process, user, place / "kept", repository, key.public, manifest)
            for _ in range(TIMES[tier]):
                for name, attack in ATTACKS.items():
                    answer = attack(attacker)
                    if answer is None:
                        continue
                    tried += 1
                    now = sums_of(place / "kept")
                    if answer or any(now.get(each) != digest for each, digest in before.items()):
                        succeeded.append(name)
            tell(f"{tried} attacks, {len(succeeded)} succeeded")
            returned = Repository(place / "returned")
            given_back = keeper.fetch_all(returned)
        restored = restore(returned, key, place / "house", base=manifest.base)
        prove(restored, place / "house", folder / "witness")
        with keeper_process(place / "poor", Forgetful) as (port, process, user):
            DistantCopy(f"http://127.0.0.1:{port}", TOKEN).send_new(repository)
            poor_before = sums_of(place / "poor")
            poor = Attacker(port, process, user, place / "poor", repository, key.public, manifest)
            ATTACKS["overwrite_signed"](poor)
            destroyed = sum(sums_of(place / "poor").get(name) != each for name, each in poor_before.items())
    finally:
        shutil.rmtree(place, ignore_errors=True)
    faults = [f"攻撃が通りました: {each}" for each in dict.fromkeys(succeeded)]
    if tried < 20:
        faults.append(f"試せた攻撃は {tried} 通りでした（目標 20）。")
    return Finding(
        counts={"attacks": tried, "succeeded": len(succeeded), "given_back": given_back},
        faults=(*faults, *restored.faults),
        control={"destroyed": destroyed},
        control_is_red=destroyed > 0,
    )


class Forgetful:
    """The planted fault: a keeper that writes over what it has."""

    def __new__(cls, folder: Path) -> Any:
        """A repository whose ``put`` and ``has`` do not mind a taken name."""
        from tasuki_server.recovery.repository import Repository

        class _Overwriting(Repository):
            def has(self, name: str) -> bool:
                return False

            def put(self, name: str, write: Callable[[BinaryIO], None]) -> int:
                self.place(name).unlink(missing_ok=True)
                return super().put(name, write)

        return _Overwriting(folder)


@contextmanager
def keeper_process(folder: Path, kind: Callable[[Path], Any]) -> Iterator[tuple[int, int, int]]:
    """番人 — in a process of its own, of another user where we may make it so; port, process and user (-1: our own)."""
    from tasuki_server.database.session import leave
    from tasuki_server.recovery.source import signer
    from tasuki_server.recovery.third_copy import ThirdCopy, desk_of

    folder.mkdir(mode=0o700)
    user = _stranger()
    if user >= 0:
        os.chown(folder, user, user)
    leave()
    desk = desk_of(ThirdCopy(kind(folder), TOKEN, signer()), ("127.0.0.1", 0))
    port = int(desk.server_address[1])
    process = os.fork()
    if process == 0:
        try:
            if user >= 0:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
            desk.serve_forever()
        finally:
            os._exit(1)
    desk.server_close()
    try:
        yield port, process, user
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _stranger() -> int:
    """A user's number that nobody here has."""
    return 64_321 if os.geteuid() == 0 else -1


def sums_of(folder: Path) -> dict[str, str]:
    """照合値 — of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


IMMUTABLE = Drill(
    "immutable",
    "控えを守る訓練",
    "R4: 手元の資格情報すべてを使った控えへの攻撃（消去・上書き・すり替え・期限・時計）が一つも通らない",
    run,
)
