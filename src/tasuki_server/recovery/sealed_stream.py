# SPDX-License-Identifier: Apache-2.0
"""封じた控え — a stream of bytes compressed, encrypted in pieces and signed, under a name it cannot be moved from.

Layout: form | length of the wrapped key (2 bytes) | wrapped key | pieces | signature (64 bytes). A piece is its length
(4 bytes) and AES-256-GCM; its nonce is its number and whether it is the last, so that none can be left out, swapped or
cut off. The Ed25519 signature is over the name and the SHA-256 of all before it: it is checked without the offline key.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tasuki_server.recovery.offline_key import BrokenObject, OfflineKey, PublicHalf

FORM = b"tasuki-sealed-object/1\n"
PIECE = 1 << 20
SIGNATURE_BYTES = 64
_LONGEST_PIECE = PIECE + 16
_COPY = 1 << 20


def signed_text(name: str, digest: bytes) -> bytes:
    """署名の対象 — the name and the digest of an object."""
    return f"tasuki backup object\n{name}\n{digest.hex()}\n".encode()


def seal(
    name: str, plain: Iterable[bytes], public: PublicHalf, signer: Ed25519PrivateKey, out: BinaryIO
) -> int:
    """封印 — writes the object of ``name``; answers how many bytes went in."""
    key = os.urandom(32)
    wrapped = public.wrapped(key, _purpose(name))
    digest = hashlib.sha256()
    taken = 0

    def write(part: bytes) -> None:
        digest.update(part)
        out.write(part)

    def counted() -> Iterator[bytes]:
        nonlocal taken
        for part in plain:
            taken += len(part)
            yield part

    write(FORM + len(wrapped).to_bytes(2, "big") + wrapped)
    box = AESGCM(key)
    for number, (piece, is_last) in enumerate(_marked(_pieces(_compressed(counted())))):
        sealed = box.encrypt(_nonce(number, is_last=is_last), piece, None)
        write(len(sealed).to_bytes(4, "big") + sealed)
    out.write(signer.sign(signed_text(name, digest.digest())))
    return taken


def check_signature(name: str, stream: BinaryIO, signer: bytes) -> bytes:
    """署名の確認 — reads the whole object; answers its digest. Raises :class:`BrokenObject`."""
    digest = hashlib.sha256()
    for part in _body(stream):
        digest.update(part)
    _check(name, digest.digest(), stream.read(SIGNATURE_BYTES), signer)
    return digest.digest()


def unseal(name: str, stream: BinaryIO, key: OfflineKey) -> Iterator[bytes]:
    """開封 — the bytes that were sealed; whoever reads to the end knows them to be whole. Raises :class:`BrokenObject`.

    The signature is checked first, over the whole object: nothing of a stranger's is decompressed or written.
    """
    check_signature(name, stream, key.signer)
    stream.seek(0)
    try:
        yield from _decompressed(_opened(name, stream, key))
    except (InvalidTag, zlib.error, EOFError) as error:
        raise BrokenObject(name, "cannot be opened with this key") from error


def _opened(name: str, stream: BinaryIO, key: OfflineKey) -> Iterator[bytes]:
    if _exactly(stream, len(FORM)) != FORM:
        raise BrokenObject(name, "is of another form")
    wrapped = _exactly(stream, int.from_bytes(_exactly(stream, 2), "big"))
    box = AESGCM(key.unwrapped(wrapped, _purpose(name)))
    end = _size(stream) - SIGNATURE_BYTES
    number = 0
    while True:
        length = int.from_bytes(_exactly(stream, 4), "big")
        if length > _LONGEST_PIECE:
            raise BrokenObject(name, "has a piece that is too long")
        sealed = _exactly(stream, length)
        is_last = stream.tell() >= end
        yield box.decrypt(_nonce(number, is_last=is_last), sealed, None)
        number += 1
        if is_last:
            return


def _body(stream: BinaryIO) -> Iterator[bytes]:
    left = _size(stream) - SIGNATURE_BYTES
    stream.seek(0)
    while left > 0:
        part = stream.read(min(_COPY, left))
        if not part:
            return
        left -= len(part)
        yield part


def _check(name: str, digest: bytes, signature: bytes, signer: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(signer).verify(signature, signed_text(name, digest))
    except InvalidSignature as error:
        raise BrokenObject(name, "is not what this installation put there") from error


def _compressed(plain: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1)
    for part in plain:
        yield packer.compress(part)
    yield packer.flush()


def _decompressed(packed: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    for part in packed:
        while part:
            # Zeros shrink a thousandfold: never more at once than a few pieces.
            yield unpacker.decompress(part, 4 * PIECE)
            part = unpacker.unconsumed_tail
    yield unpacker.flush()
    if not unpacker.eof:
        raise EOFError


def _pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for part in parts:
        waiting += part
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    yield bytes(waiting)


def _marked(pieces: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each piece, and whether it is the last."""
    before = next(pieces)
    for piece in pieces:
        yield before, False
        before = piece
    yield before, True


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _purpose(name: str) -> bytes:
    return b"tasuki backup: " + name.encode()


def _exactly(stream: BinaryIO, count: int) -> bytes:
    found = stream.read(count)
    if len(found) != count:
        raise EOFError
    return found


def _size(stream: BinaryIO) -> int:
    at = stream.tell()
    size = stream.seek(0, os.SEEK_END)
    stream.seek(at)
    return size
