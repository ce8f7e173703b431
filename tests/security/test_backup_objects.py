# SPDX-License-Identifier: Apache-2.0
"""封じた控え — an object opens with its key and under its name only; a repository writes once; the third copy only adds."""

from __future__ import annotations

import errno
import io
import os
import stat
import threading
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tasuki_server.cli.words import Stop
from tasuki_server.recovery.manifest import Manifest, TableSum, TrailRoot, bases, keep_manifest, read_manifest
from tasuki_server.recovery.offline_key import (
    BrokenObject,
    OfflineKey,
    PublicHalf,
    read_offline_key,
    write_once,
)
from tasuki_server.recovery.repository import LEFT_SECONDS, Repository
from tasuki_server.recovery.restoring import chosen_base
from tasuki_server.recovery.sealed_stream import PIECE, check_signature, seal, unseal
from tasuki_server.recovery.third_copy import DistantCopy, ThirdCopy, desk_of, prune

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(32))
SIGNER_PUBLIC = SIGNER.public_key().public_bytes_raw()
KEY = OfflineKey.made(SIGNER_PUBLIC)
TOKEN = "t" * 40
NAME = "bases/20260615T000000Z-abcdef/files"


def _object(plain: bytes, name: str = NAME, key: OfflineKey = KEY) -> bytes:
    out = io.BytesIO()
    seal(name, iter([plain]), key.public, SIGNER, out)
    return out.getvalue()


def _opened(whole: bytes, name: str = NAME, key: OfflineKey = KEY) -> bytes:
    return b"".join(unseal(name, io.BytesIO(whole), key))


@pytest.mark.parametrize("size", [0, 1, PIECE, 3 * PIECE + 7])
def test_what_was_sealed_opens_to_the_last_byte(size):
    plain = os.urandom(size)
    assert _opened(_object(plain)) == plain


def test_zeros_that_shrink_a_thousandfold_open_in_small_parts():
    parts = list(unseal(NAME, io.BytesIO(_object(bytes(64 * PIECE))), KEY))
    assert sum(map(len, parts)) == 64 * PIECE
    assert max(map(len, parts)) <= 4 * PIECE


def test_one_turned_bit_anywhere_is_found_without_the_offline_key():
    whole = _object(b"a record")
    for at in range(len(whole)):
        turned = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        with pytest.raises(BrokenObject):
            check_signature(NAME, io.BytesIO(turned), SIGNER_PUBLIC)


@pytest.mark.parametrize("cut", [1, 64, 100])
def test_an_object_that_was_cut_off_does_not_open(cut):
    with pytest.raises(BrokenObject):
        _opened(_object(os.urandom(2 * PIECE))[:-cut])


def test_an_object_opens_under_its_own_name_only():
    with pytest.raises(BrokenObject):
        _opened(_object(b"x"), name="bases/20260616T000000Z-abcdef/files")


def test_another_offline_key_opens_nothing():
    with pytest.raises(BrokenObject):
        _opened(_object(b"x"), key=OfflineKey.made(SIGNER_PUBLIC))


def test_what_a_stranger_signed_is_not_opened():
    out = io.BytesIO()
    seal(NAME, iter([b"x"]), KEY.public, Ed25519PrivateKey.generate(), out)
    with pytest.raises(BrokenObject):
        _opened(out.getvalue())


def test_the_offline_key_is_written_once_for_its_owner(tmp_path):
    path = tmp_path / "key"
    write_once(path, KEY)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_offline_key(path) == KEY
    with pytest.raises(Stop, match=r"もうあります|there already"):
        write_once(path, OfflineKey.made(SIGNER_PUBLIC))
    assert read_offline_key(path) == KEY


@pytest.mark.parametrize(
    "text", ["", "{}", '{"form": "x"}', '{"form": "tasuki-offline-key/1", "private": "00", "signer": "00"}']
)
def test_a_file_that_is_no_key_is_refused_in_words(tmp_path, text):
    path = tmp_path / "key"
    path.write_text(text)
    with pytest.raises(Stop, match=r"復元の鍵|no key"):
        read_offline_key(path)


def test_a_public_key_of_another_form_is_refused():
    with pytest.raises(Stop, match=r"64"):
        PublicHalf.from_text("abc")


def _put(repository: Repository, name: str, whole: bytes) -> None:
    repository.put(name, lambda out: out.write(whole))


def test_a_repository_writes_a_name_once(tmp_path):
    repository = Repository(tmp_path)
    _put(repository, NAME, b"first")
    with pytest.raises(FileExistsError):
        _put(repository, NAME, b"second")
    assert repository.place(NAME).read_bytes() == b"first"
    assert [path.name for path in (tmp_path / NAME).parent.iterdir()] == ["files"]


def test_an_object_is_on_disk_before_it_has_its_name_and_its_name_before_the_writer_is_told(
    tmp_path, monkeypatch
):
    done, handles = [], []
    sync, link = os.fsync, os.link

    def synced(handle):
        handles.append(handle)
        mode = os.fstat(handle).st_mode
        done.append(("folder",) if stat.S_ISDIR(mode) else ("file", os.fstat(handle).st_size))
        sync(handle)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", lambda *paths: (done.append(("name",)), link(*paths)))
    assert Repository(tmp_path).put(NAME, lambda out: out.write(b"record")) == 6
    assert done == [("file", 6), ("name",), ("folder",)]
    for handle in handles:
        with pytest.raises(OSError):
            os.fstat(handle)


def test_a_place_that_takes_nothing_is_told_in_words(tmp_path):
    (tmp_path / "full").write_bytes(b"")
    with pytest.raises(Stop, match=r"書けません|Cannot write"):
        _put(Repository(tmp_path / "full"), NAME, b"x")

    def full(out):
        out.write(b"x")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(Stop, match=r"No space left"):
        Repository(tmp_path).put(NAME, full)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "full"]


def test_what_is_not_there_is_a_broken_object(tmp_path):
    with pytest.raises(BrokenObject, match=NAME):
        Repository(tmp_path).open(NAME)


def test_verifying_names_every_object_that_was_not_signed_as_it_is(tmp_path):
    repository = Repository(tmp_path)
    names = [f"bases/20260615T000000Z-abcdef/{name}" for name in ("files", "log", "secrets", "turned")]
    for name in names:
        _put(repository, name, _object(b"x", name))
    assert list(repository.broken(SIGNER_PUBLIC)) == []
    repository.place(names[1]).write_bytes(_object(b"x", names[0]))
    whole = bytearray(_object(b"x", names[3]))
    whole[-1] ^= 1
    repository.place(names[3]).write_bytes(whole)
    assert [each.name for each in repository.broken(SIGNER_PUBLIC)] == [names[1], names[3]]


def _cut_off(repository: Repository, beside: str) -> Path:
    """What a power cut leaves of a write beside an object."""

    def write(out):
        out.write(b"half")
        raise _PowerCutError

    class _PowerCutError(BaseException):
        pass

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(_PowerCutError):
            repository.put(beside, write)
    (left,) = [path for path in repository.place(beside).parent.iterdir() if path.read_bytes() == b"half"]
    return left


def test_what_a_power_cut_left_of_a_write_is_no_object_and_stops_nothing(tmp_path, keeper):
    own = Repository(tmp_path / "own")
    base, segment = "20260615T000000Z-aaaaaa", "log/0a/" + "1" * 24
    keep_manifest(own, _manifest(base, datetime(2026, 6, 15, tzinfo=UTC)), SIGNER)
    for kept, cut in (
        (f"bases/{base}/files", "bases/20260614T000000Z-bbbbbb/files"),
        (segment, segment[:-1] + "2"),
    ):
        _put(own, kept, _object(b"x", kept))
        _cut_off(own, cut)
    _cut_off(Repository(keeper.folder), segment)
    whole = [f"bases/{base}/files", f"bases/{base}/manifest", segment]
    assert list(own.names()) == whole
    assert list(own.broken(SIGNER_PUBLIC)) == []
    distant = DistantCopy(keeper.address, TOKEN)
    assert sorted(distant.send_new(own)) == whole
    assert sorted(distant.names()) == whole


def test_what_stood_still_for_a_day_is_tidied_and_what_is_being_written_is_not(tmp_path):
    repository = Repository(tmp_path)
    _put(repository, NAME, b"kept")
    left, fresh = _cut_off(repository, f"{NAME}-a"), _cut_off(repository, "log/0a/x")
    now = fresh.stat().st_mtime + 1
    os.utime(left, (now - LEFT_SECONDS - 1, now - LEFT_SECONDS - 1))
    os.utime(repository.place(NAME), (0, 0))
    assert repository.tidy(now) == 1
    assert not left.exists()
    assert fresh.exists()
    assert list(repository.names()) == [NAME]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x",
        "bases/../x/y",
        "/etc/passwd",
        "bases/a/b/c",
        "bases/a/..",
        "keys/a/b",
        "bases/a/b\n",
        "log/a/.unfinished-1",
    ],
)
def test_a_name_that_leads_elsewhere_is_no_name(tmp_path, name):
    with pytest.raises(ValueError):
        Repository(tmp_path).place(name)


def _manifest(base: str, mark_at: datetime) -> Manifest:
    return Manifest(
        base=base,
        began_at=mark_at,
        ended_at=mark_at,
        server_version=180006,
        system_id="1",
        branch="",
        first_segment="0" * 24,
        mark=f"tasuki-{base}",
        mark_at=mark_at,
        public=KEY.public.text,
        plain_bytes=1,
        objects=((f"bases/{base}/files", 1, "00"),),
        tables=(TableSum("public.x", 1, "1:1"),),
        trails=(TrailRoot("i", 1, "00", ""),),
    )


def test_a_manifest_comes_back_as_it_was_and_is_refused_under_another_base(tmp_path):
    repository = Repository(tmp_path)
    manifest = _manifest("20260615T000000Z-aaaaaa", datetime(2026, 6, 15, tzinfo=UTC))
    keep_manifest(repository, manifest, SIGNER)
    assert read_manifest(repository, manifest.base, SIGNER_PUBLIC) == manifest
    other = "20260616T000000Z-aaaaaa"
    _put(repository, f"bases/{other}/manifest", repository.place(manifest.name).read_bytes())
    with pytest.raises(BrokenObject):
        read_manifest(repository, other, SIGNER_PUBLIC)
    assert [type(each) for each in bases(repository, SIGNER_PUBLIC)] == [Manifest, BrokenObject]


def test_the_newest_base_before_the_wanted_second_is_chosen(tmp_path):
    repository = Repository(tmp_path)
    for day in (14, 15, 16):
        keep_manifest(
            repository,
            _manifest(f"2026061{day % 10}T000000Z-aaaaaa", datetime(2026, 6, day, tzinfo=UTC)),
            SIGNER,
        )
    chosen = [
        chosen_base(repository, SIGNER_PUBLIC, "", until).base[:8]
        for until in (None, datetime(2026, 6, 15, tzinfo=UTC), datetime(2026, 6, 15, 23, tzinfo=UTC))
    ]
    assert chosen == ["20260616", "20260615", "20260615"]
    with pytest.raises(Stop):
        chosen_base(repository, SIGNER_PUBLIC, "", datetime(2026, 6, 13, tzinfo=UTC))
    with pytest.raises(Stop):
        chosen_base(repository, SIGNER_PUBLIC, "20260616T000000Z-aaaaaa", datetime(2026, 6, 15, tzinfo=UTC))


@pytest.fixture
def keeper(tmp_path):
    copy = ThirdCopy(Repository(tmp_path / "third"), TOKEN, SIGNER_PUBLIC)
    copy.repository.folder.mkdir()
    with desk_of(copy, ("127.0.0.1", 0)) as desk:
        threading.Thread(target=desk.serve_forever, daemon=True).start()
        yield SimpleNamespace(
            folder=copy.repository.folder, address=f"http://127.0.0.1:{desk.server_address[1]}"
        )
        desk.shutdown()


def test_what_is_new_is_sent_once_with_the_manifest_last_and_comes_back_whole(tmp_path, keeper):
    own = Repository(tmp_path / "own")
    base = "20260615T000000Z-aaaaaa"
    for name in (f"bases/{base}/files", f"bases/{base}/secrets", "log/0a/" + "0" * 24):
        _put(own, name, _object(name.encode(), name))
    keep_manifest(own, _manifest(base, datetime(2026, 6, 15, tzinfo=UTC)), SIGNER)
    distant = DistantCopy(keeper.address, TOKEN)
    assert distant.send_new(own)[-1] == f"bases/{base}/manifest"
    assert distant.send_new(own) == []
    back = Repository(tmp_path / "back")
    assert distant.fetch_all(back) == 4
    assert [back.place(name).read_bytes() for name in back.names()] == [
        own.place(name).read_bytes() for name in own.names()
    ]


def test_an_object_whose_bytes_turned_keeps_back_its_own_base_alone(tmp_path, keeper):
    own, distant = Repository(tmp_path / "own"), DistantCopy(keeper.address, TOKEN)
    turned, whole = "20260615T000000Z-aaaaaa", "20260616T000000Z-aaaaaa"
    for base in (turned, whole):
        _put(own, f"bases/{base}/files", _object(b"x", f"bases/{base}/files"))
        keep_manifest(own, _manifest(base, datetime(2026, 6, 15, tzinfo=UTC)), SIGNER)
    own.place(f"bases/{turned}/files").write_bytes(b"turned")
    _put(own, "log/0a/" + "1" * 24, _object(b"x", "log/0a/" + "1" * 24))
    for _ in range(2):
        with pytest.raises(ConnectionError, match=f"bases/{turned}/files: 422"):
            distant.send_new(own)
        assert sorted(distant.names()) == [
            f"bases/{whole}/files",
            f"bases/{whole}/manifest",
            "log/0a/" + "1" * 24,
        ]


@pytest.mark.parametrize(
    ("name", "whole", "token", "status"),
    [
        (NAME, _object(b"other"), TOKEN, HTTPStatus.CONFLICT),
        ("log/0a/x", b"not signed" * 20, TOKEN, HTTPStatus.UNPROCESSABLE_ENTITY),
        ("log/0a/x", _object(b"x", "log/0a/x"), "w" * 40, HTTPStatus.UNAUTHORIZED),
        ("token", _object(b"x", "token"), TOKEN, HTTPStatus.NOT_FOUND),
    ],
)
def test_the_keeper_refuses(keeper, name, whole, token, status):
    _put(Repository(keeper.folder), NAME, _object(b"the genuine one"))
    before = (keeper.folder / NAME).read_bytes()
    distant = DistantCopy(keeper.address, token)
    assert distant._asked("PUT", f"/objects/{name}", io.BytesIO(whole), len(whole))[0] == status
    assert (keeper.folder / NAME).read_bytes() == before
    assert [str(path.relative_to(keeper.folder)) for path in keeper.folder.rglob("*") if path.is_file()] == [
        NAME
    ]


def test_a_short_token_is_refused(tmp_path):
    with pytest.raises(Stop):
        ThirdCopy(Repository(tmp_path), "short", SIGNER_PUBLIC)


def test_old_bases_go_by_the_time_they_came_and_never_the_newest(tmp_path):
    repository = Repository(tmp_path)
    now = 2_000_000_000.0
    for place, age_days in enumerate((100, 60, 20)):
        base = f"2026061{place}T000000Z-aaaaaa"
        # All of them say they are from the future.
        keep_manifest(repository, _manifest(base, datetime(2999, 1, 1, tzinfo=UTC)), SIGNER)
        _put(repository, f"bases/{base}/files", b"x")
        for name in repository.names(f"bases/{base}/"):
            os.utime(repository.place(name), (now - age_days * 86400, now - age_days * 86400))
    assert prune(tmp_path, 90, now) == [
        f"bases/20260610T000000Z-aaaaaa/{what}" for what in ("files", "manifest")
    ]
    assert {name.split("/")[1][:8] for name in repository.names()} == {"20260611", "20260612"}
    prune(tmp_path, 30, now)
    assert {name.split("/")[1][:8] for name in repository.names()} == {"20260612"}
    with pytest.raises(Stop):
        prune(tmp_path, 30, now - 100 * 86400)


def test_a_keeper_that_received_nothing_for_a_month_removes_nothing_by_itself(tmp_path):
    """Its clock leapt, or the house sends no more: both times what is old is all there is."""
    repository = Repository(tmp_path)
    now = 2_000_000_000.0
    for place, age_days in enumerate((400, 32)):
        base = f"2026061{place}T000000Z-aaaaaa"
        keep_manifest(repository, _manifest(base, datetime(2026, 6, 10, tzinfo=UTC)), SIGNER)
        for name in repository.names(f"bases/{base}/"):
            os.utime(repository.place(name), (now - age_days * 86400, now - age_days * 86400))
    with pytest.raises(Stop):
        prune(tmp_path, 90, now)
    assert len(list(repository.names())) == 2
    assert prune(tmp_path, 90, now - 2 * 86400) == ["bases/20260610T000000Z-aaaaaa/manifest"]


def test_a_keeper_whose_clock_was_looked_at_removes(tmp_path):
    repository = Repository(tmp_path)
    now = 2_000_000_000.0
    for place, age_days in enumerate((400, 320)):
        base = f"2026061{place}T000000Z-aaaaaa"
        keep_manifest(repository, _manifest(base, datetime(2026, 6, 10, tzinfo=UTC)), SIGNER)
        for name in repository.names(f"bases/{base}/"):
            os.utime(repository.place(name), (now - age_days * 86400, now - age_days * 86400))
    assert prune(tmp_path, 90, now, is_clock_sure=True) == ["bases/20260610T000000Z-aaaaaa/manifest"]
