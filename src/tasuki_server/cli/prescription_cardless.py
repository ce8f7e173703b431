# SPDX-License-Identifier: Apache-2.0
"""カードレス署名の代役 — `./tasuki prescription cardless|approve`: hold a test key on this machine, and approve what is asked of it."""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.cli.claims_stream import opened
from tasuki_server.cli.words import Stop, progress, say
from tasuki_server.cli.writing import write_all

if TYPE_CHECKING:
    from tasuki.prescriptions.signature.signers import RemoteSigner

_POLL_SECONDS = 0.5


def add_cardless(parser: argparse.ArgumentParser) -> None:
    """代役の引数 — the folder of `test-hpki`, whose key, and where it listens."""
    parser.add_argument("folder", metavar="FOLDER", help=say("test-hpki のフォルダ", "folder of test-hpki"))
    parser.add_argument(
        "--who", choices=("doctor", "pharmacist"), default="doctor", help=say("誰の鍵か", "whose key")
    )
    parser.add_argument("--port", type=int, default=0, help=say("ポート（既定は空き）", "port (a free one)"))
    _pin(parser)


def add_approve(parser: argparse.ArgumentParser) -> None:
    """承認の引数 — which service, and which request."""
    add_service(parser, is_needed=True)
    parser.add_argument(
        "--request", metavar="ID", help=say("受付番号（なければ一覧）", "number (list without)")
    )
    parser.add_argument(
        "--decline", metavar="REASON", help=say("承認せず、理由を返す", "decline, with a reason")
    )
    _pin(parser)


def add_service(parser: argparse.ArgumentParser, *, is_needed: bool = False) -> None:
    """署名サービスの引数 — its address and the token that lets one ask."""
    parser.add_argument(
        "--service", metavar="URL", required=is_needed, help=say("署名サービスの代役のアドレス", "address of the stand-in")
    )  # fmt: skip
    parser.add_argument(
        "--token-file", metavar="FILE", required=is_needed, help=say("依頼を許すトークンのファイル", "file of the token")
    )  # fmt: skip


def run_cardless(args: argparse.Namespace) -> int:
    """代役の起動 — until it is stopped; the token is written into the folder."""
    from tasuki.prescriptions.signature.signers import read_pkcs12
    from tasuki.prescriptions.signature.stand_in import CardlessStandIn
    from tasuki_server.signing.cardless_service import CardlessServer

    folder = Path(args.folder)
    password = _text(folder / "password.txt").encode()
    with opened(str(folder / f"{args.who}.p12")) as stream:
        signer = read_pkcs12(stream.read(), password)
    token = secrets.token_urlsafe(32)
    try:
        server = CardlessServer(
            CardlessStandIn(signer, _read_pin(args), lambda: datetime.now(UTC)), token, args.port
        )
    except OSError as trouble:
        raise Stop(
            f"ポート {args.port} を使えません（{trouble.strerror}）。", f"Cannot use port {args.port} ({trouble.strerror})."
        ) from trouble  # fmt: skip
    write_all([(folder / "token.txt", f"{token}\n".encode())])
    (folder / "token.txt").chmod(0o600)
    progress(f"署名サービスの代役: {server.address}", f"stand-in of the signing service: {server.address}")
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


def run_approve(args: argparse.Namespace) -> int:
    """承認 — lists what waits, or decides about one."""
    from tasuki_server.signing.cardless_client import CardlessClient

    client = CardlessClient(args.service, _text(Path(args.token_file)))
    if not args.request:
        for each in client.waiting():
            print(f"{each.request}  {each.asked_at:%Y-%m-%d %H:%M:%S}  {each.what}")
        return 0
    if args.decline is not None:
        client.decline(args.request, args.decline)
        progress("承認しませんでした。", "declined.")
        return 0
    client.approve(args.request, _read_pin(args))
    progress("承認しました。", "approved.")
    return 0


def remote_signer(args: argparse.Namespace, what: str) -> RemoteSigner:
    """カードレスの署名者 — over the service of the arguments."""
    from tasuki.prescriptions.signature.signers import RemoteSigner
    from tasuki_server.signing.cardless_client import CardlessClient

    if not args.token_file:
        raise Stop("--token-file も指定してください。", "--token-file is needed as well.")
    return RemoteSigner(CardlessClient(args.service, _text(Path(args.token_file))), what)


def sign_when_approved(document: bytes, signer: RemoteSigner, at: datetime, seconds: float) -> bytes:
    """承認後の署名 — asks once and looks again until it is decided; raises the last answer after ``seconds``."""
    from tasuki.kernel.finding import BadInput
    from tasuki.prescriptions.signature.xades import sign_document

    until = time.monotonic() + seconds
    is_told = False
    while True:
        try:
            return sign_document(document, signer, at)
        except BadInput as refused:
            if refused.findings[0].code != "RX-G-28" or time.monotonic() > until:
                raise
            if not is_told:
                number = refused.findings[0].facts["request"]
                progress(
                    f"承認を待っています（受付番号 {number}）", f"waiting for approval (request {number})"
                )
                is_told = True
        time.sleep(_POLL_SECONDS)


def _pin(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--pin-file",
        metavar="FILE",
        help=say("暗証番号のファイル（既定は尋ねる）", "file of the PIN (asked)"),
    )


def _read_pin(args: argparse.Namespace) -> str:
    if args.pin_file:
        return _text(Path(args.pin_file))
    if not sys.stdin.isatty():
        raise Stop("--pin-file で暗証番号を指定してください。", "Give the PIN by --pin-file.")
    return getpass.getpass(say("暗証番号: ", "PIN: "))


def _text(path: Path) -> str:
    with opened(str(path)) as stream:
        return stream.read(4096).decode("utf-8", "replace").strip()
