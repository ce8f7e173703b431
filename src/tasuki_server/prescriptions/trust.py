# SPDX-License-Identifier: Apache-2.0
"""署名の信頼の起点 — the roots this service trusts: files of the installation, a test HPKI for the demo.

``hpki`` under the data folder holds ``roots.pem``, ``authorities.pem`` and ``revocations.pem``, as
``./tasuki prescription test-hpki`` writes them; without roots nothing signed can be verified, and all of it is refused.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from tasuki.prescriptions.signature.certificates import read_certificates, read_revocations
from tasuki.prescriptions.signature.practice_hpki import make_practice_hpki
from tasuki.prescriptions.signature.signers import Signer, read_pkcs12
from tasuki.prescriptions.signature.trust import Trust
from tasuki_server.database.places import data_folder

_FILES = ("roots.pem", "authorities.pem", "revocations.pem")
_PASSWORD = "password.txt"  # noqa: S105 - the name of a file
_PRACTICE_PASSWORD = "tasuki-test-only"  # noqa: S105 - of keys that nobody trusts
# 失効リストが切れる前に作り直す: a list is good for thirty days.
_FRESH = timedelta(days=10)


def hpki_folder() -> Path:
    """証明書の場所 — of this installation."""
    return data_folder() / "hpki"


def service_trust() -> Trust:
    """信頼の起点 — read again when a file has changed; empty where none was put."""
    stamps = tuple(
        path.stat().st_mtime_ns if (path := hpki_folder() / name).exists() else 0 for name in _FILES
    )
    return _trust(str(hpki_folder()), stamps)


@lru_cache(maxsize=2)
def _trust(folder: str, stamps: tuple[int, ...]) -> Trust:
    roots, authorities, revocations = (Path(folder) / name for name in _FILES)
    return Trust(
        read_certificates(roots.read_bytes()) if stamps[0] else (),
        read_certificates(authorities.read_bytes()) if stamps[1] else (),
        read_revocations(revocations.read_bytes()) if stamps[2] else (),
    )


def practice_signer(name: str) -> Signer | None:
    """試験用の署名者 — ``doctor`` or ``pharmacist`` of this installation's test HPKI; None where there is none."""
    path = hpki_folder() / f"{name}.p12"
    if not path.exists():
        return None
    password = (hpki_folder() / _PASSWORD).read_bytes().strip()
    return _signer(str(path), path.stat().st_mtime_ns, password)


@lru_cache(maxsize=4)
def _signer(path: str, stamp: int, password: bytes) -> Signer:
    return read_pkcs12(Path(path).read_bytes(), password)


def ensure_practice_hpki(at: datetime) -> bool:
    """試験用HPKIの用意 — made when there is none, and made anew when its lists are about to end; never over a real one."""
    folder = hpki_folder()
    trust = service_trust()
    if trust.roots and not (folder / "pharmacist.p12").exists():
        return False
    ends = [each.next_update_utc for each in trust.revocations if each.next_update_utc is not None]
    if trust.roots and ends and min(ends) > at + _FRESH:
        return False
    made = make_practice_hpki(at)
    pem = serialization.Encoding.PEM
    lock = serialization.BestAvailableEncryption(_PRACTICE_PASSWORD.encode())
    folder.mkdir(parents=True, exist_ok=True)
    for name, person in (("doctor", made.doctor), ("pharmacist", made.pharmacist)):
        data = pkcs12.serialize_key_and_certificates(
            name.encode(), person.key, person.chain[0], person.chain[1:], lock
        )
        (folder / f"{name}.p12").write_bytes(data)
        (folder / f"{name}.p12").chmod(0o600)
    (folder / _PASSWORD).write_text(f"{_PRACTICE_PASSWORD}\n")
    (folder / "authorities.pem").write_bytes(made.authority.certificate.public_bytes(pem))
    (folder / "revocations.pem").write_bytes(b"".join(each.public_bytes(pem) for each in made.revocations))
    (folder / "roots.pem").write_bytes(made.root.certificate.public_bytes(pem))
    return True
