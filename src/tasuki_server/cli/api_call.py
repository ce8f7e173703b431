# SPDX-License-Identifier: Apache-2.0
"""接続する側の操作 — `./tasuki api key create` and `api call`: what the other system does, from the console."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from joserfc.jwk import ECKey

OPERATIONS = ("calculate", "simulate", "copay")
SECONDS = 60


def add_arguments(nouns: Any, keys: Any) -> None:
    """引数 — `key create` and `call`."""
    making = keys.add_parser("create", help=say("鍵の組を作る", "make a pair of keys"))
    making.add_argument(
        "--out",
        required=True,
        type=Path,
        metavar="FILE",
        help=say("秘密鍵を書くファイル", "file for the private key"),
    )
    making.set_defaults(verb=_create)
    calling = nouns.add_parser("call", help=say("接続先として呼び出す", "call as a client"))
    calling.add_argument("operation", choices=OPERATIONS, help=say("操作", "operation"))
    calling.add_argument(
        "file", type=Path, metavar="FILE", help=say("受診ファイル（JSON）", "the visit, as JSON")
    )
    calling.add_argument(
        "--client", required=True, metavar="CLIENT_ID", help=say("接続先の番号", "client_id")
    )
    calling.add_argument(
        "--key", required=True, type=Path, metavar="FILE", help=say("秘密鍵（JWK）", "private JWK")
    )
    calling.add_argument(
        "--url", default="http://localhost:8000", help=say("設置のアドレス", "address of the server")
    )
    calling.set_defaults(verb=_call)


def _create(args: argparse.Namespace) -> int:
    from tasuki_server.api.service_call import new_key, private_jwk, public_jwk

    key = new_key()
    public = args.out.with_name(f"{args.out.stem}.public{args.out.suffix or '.jwk'}")
    for path, text, mode in (
        (args.out, json.dumps(private_jwk(key)), 0o600), (public, json.dumps(public_jwk(key)), 0o644)
    ):  # fmt: skip
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        except OSError as error:
            raise Stop(f"{path} を作れません（{error.strerror}）。", f"{path}: {error.strerror}") from None
        with os.fdopen(handle, "w") as file:
            file.write(text + "\n")
    told = {"private": str(args.out), "public": str(public), "thumbprint": key.thumbprint()}
    if args.format == "json":
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(
            say(
                f"秘密鍵: {args.out}（接続先のシステムから出さない）",
                f"private key: {args.out} (keep it there)",
            )
        )
        print(say(f"公開鍵: {public}（管理者に渡す）", f"public key: {public} (for the administrator)"))
        print(say(f"拇印: {told['thumbprint']}", f"thumbprint: {told['thumbprint']}"))
    return 0


def _call(args: argparse.Namespace) -> int:
    from tasuki.calculation.openapi import BASE, ISSUE
    from tasuki_server.api.service_call import ServiceCaller

    where = urlsplit(args.url)
    if where.scheme not in ("http", "https") or not where.hostname or where.path not in ("", "/"):
        raise Stop(
            "--url は http://localhost:8000 の形で指定してください。",
            "--url looks like http://localhost:8000",
        )
    caller = ServiceCaller.made(args.client, _key(args.key), f"{where.scheme}://{where.netloc.lower()}")
    body, headers = caller.token_request("copay" if args.operation == "copay" else "calculate")
    status, said = _asked(where, ISSUE, body, headers)
    if status != 200:
        progress("トークンを受け取れませんでした。", "no token was given.")
        return _told(status, said)
    caller.token = str(json.loads(said)["access_token"])
    path = f"{BASE}/{args.operation}"
    visit = _visit(args.file)
    return _told(
        *_asked(where, path, visit, caller.headers("POST", path) | {"Content-Type": "application/json"})
    )


def _asked(where: Any, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    connection = kind(where.hostname, where.port, timeout=SECONDS)
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise Stop(
            f"{where.geturl()} につながりません。", f"{where.geturl()} cannot be reached: {error}"
        ) from None
    finally:
        connection.close()


def _told(status: int, said: bytes) -> int:
    """What was answered goes to stdout as it came; a refusal is exit code 1 (findings) or 2 (bad input)."""
    sys.stdout.buffer.write(said + b"\n")
    return 0 if status == 200 else 1 if status == 422 else 2


def _visit(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Stop(f"{path} を読めません。", f"{path} cannot be read: {error.strerror}") from None


def _key(path: Path) -> ECKey:
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey

    try:
        key = ECKey.import_key(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError, JoseError):
        raise Stop(f"{path} は秘密鍵（JWK）として読めません。", f"{path} is no private JWK.") from None
    if not key.is_private or key.curve_name != "P-256":
        raise Stop(f"{path} は P-256 の秘密鍵ではありません。", f"{path} is no private key of P-256.")
    return key
