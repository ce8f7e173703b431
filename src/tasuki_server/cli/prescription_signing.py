# SPDX-License-Identifier: Apache-2.0
"""処方箋の電子署名 — `./tasuki prescription sign|verify|test-hpki`: sign a document, verify one, make a PKI for tests."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.cli.claims_stream import opened, plain, tell
from tasuki_server.cli.prescription_cardless import add_service, remote_signer, sign_when_approved
from tasuki_server.cli.words import Stop, progress, say
from tasuki_server.cli.writing import write_all

if TYPE_CHECKING:
    from tasuki.prescriptions.signature.results import VerifyResult
    from tasuki.prescriptions.signature.signers import Signer
    from tasuki.prescriptions.signature.trust import Trust

_TRUST_FILES = ("roots.pem", "authorities.pem", "revocations.pem")
# Of test keys alone; written beside them.
_TEST_PASSWORD = "tasuki-test-only"  # noqa: S105


def add_sign(parser: argparse.ArgumentParser) -> None:
    """署名の引数 — what, whose key, and where to."""
    _file(parser, say("電子処方箋のCSV（SJ1）又は文書のXML", "SJ1 records or the XML document"))
    parser.add_argument(
        "--key", metavar="P12", help=say("署名者の鍵（PKCS#12）", "key of the signer (PKCS#12)")
    )
    add_service(parser)
    parser.add_argument(
        "--wait", type=float, default=120, metavar="SECONDS", help=say("承認を待つ秒数", "how long to wait for approval")
    )  # fmt: skip
    parser.add_argument(
        "--password-file",
        metavar="FILE",
        help=say("合言葉の入ったファイル", "file with the password of the key"),
    )
    parser.add_argument(
        "--dispensing",
        metavar="CSV",
        help=say(
            "調剤情報のCSV（CJ1）: FILE の処方箋への調剤結果に署名", "CJ1 records: sign a dispensing of FILE"
        ),
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="XML",
        help=say("署名した文書の書出し先", "where to write the signed document"),
    )
    _at(parser, say("署名時刻（既定は今）", "time of signing (now)"))


def add_verify(parser: argparse.ArgumentParser) -> None:
    """検証の引数 — what, and who is trusted."""
    _file(parser, say("署名した文書のXML", "signed XML document"))
    parser.add_argument(
        "--trust",
        required=True,
        metavar="FOLDER",
        help=say(
            "信頼する証明書のフォルダ（roots.pem・authorities.pem・revocations.pem）",
            "folder of trusted certificates (roots.pem, authorities.pem, revocations.pem)",
        ),
    )
    _at(parser, say("受付時刻（既定は今）", "time of reception (now)"))


def add_test_hpki(parser: argparse.ArgumentParser) -> None:
    """試験用HPKIの引数 — where to."""
    parser.add_argument("folder", metavar="FOLDER", help=say("書出し先のフォルダ", "folder to write to"))


def run_sign(args: argparse.Namespace) -> int:
    """署名 — 0 when written; what cannot be signed is refused with 2."""
    from tasuki.prescriptions.documents import dispensing_document, prescription_document
    from tasuki.prescriptions.reader import read_prescription
    from tasuki.prescriptions.signature.xades import sign_document

    data = _read(args.file)
    if not data.lstrip().startswith((b"<", b"\xef\xbb\xbf<")):
        document = read_prescription(data, args.file)
        if document.format.name != "SJ":
            raise Stop(
                f"{args.file} は電子処方箋のデータ（SJ1）ではありません。", f"{args.file} is not SJ1 data."
            )
        data = prescription_document(data)
    if args.dispensing:
        data = dispensing_document(data, _read(args.dispensing))
    at = args.at or datetime.now(UTC).astimezone()
    if args.service:
        signed = sign_when_approved(
            data, remote_signer(args, f"{Path(args.file).name} {at:%Y-%m-%d %H:%M}"), at, args.wait
        )
    else:
        signed = sign_document(data, _signer(args), at)
    write_all([(Path(args.out), signed)])
    progress(f"署名しました: {args.out}", f"signed: {args.out}")
    return 0


def run_verify(args: argparse.Namespace) -> int:
    """検証 — every item with its state; 1 unless all of them are good."""
    from tasuki.prescriptions.signature.verify import verify_document

    result = verify_document(_read(args.file), _trust(Path(args.trust)), args.at or datetime.now(UTC))
    if args.format == "json":
        print(json.dumps(_view(result), ensure_ascii=False))
    else:
        for line in _lines(result):
            print(line)
        tell(result.findings)
    return 0 if result.is_valid else 1


def run_test_hpki(args: argparse.Namespace) -> int:
    """試験用HPKIの作成 — keys of a doctor and a pharmacist, and what whoever verifies must trust."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12

    from tasuki.prescriptions.signature.practice_hpki import make_practice_hpki

    folder = Path(args.folder)
    if any((folder / name).exists() for name in _TRUST_FILES):
        raise Stop(
            f"{folder} には証明書があります。別のフォルダを指定してください。",
            f"{folder} holds certificates already; name another folder.",
        )
    made = make_practice_hpki(datetime.now(UTC))
    pem = serialization.Encoding.PEM
    lock = serialization.BestAvailableEncryption(_TEST_PASSWORD.encode())
    people = [
        (folder / f"{name}.p12", pkcs12.serialize_key_and_certificates(name.encode(), each.key, each.chain[0], each.chain[1:], lock))
        for name, each in (("doctor", made.doctor), ("pharmacist", made.pharmacist))
    ]  # fmt: skip
    write_all(
        [
            (folder / "roots.pem", made.root.certificate.public_bytes(pem)),
            (folder / "authorities.pem", made.authority.certificate.public_bytes(pem)),
            (folder / "revocations.pem", b"".join(each.public_bytes(pem) for each in made.revocations)),
            (folder / "password.txt", f"{_TEST_PASSWORD}\n".encode()),
            *people,
        ]
    )
    for path, _ in people:
        path.chmod(0o600)
    progress(
        f"試験用のHPKIを {folder} に作りました（本番の署名には使えません）。",
        f"made a test HPKI in {folder} (of no use for real signatures).",
    )
    return 0


def _signer(args: argparse.Namespace) -> Signer:
    from tasuki.prescriptions.signature.signers import read_pkcs12

    if not args.key:
        raise Stop("--key か --service を指定してください。", "Give --key or --service.")
    password = _read(args.password_file).strip(b"\r\n") if args.password_file else None
    return read_pkcs12(_read(args.key), password)


def _trust(folder: Path) -> Trust:
    from tasuki.prescriptions.signature.certificates import read_certificates, read_revocations
    from tasuki.prescriptions.signature.trust import Trust

    roots, authorities, revocations = (folder / name for name in _TRUST_FILES)
    return Trust(
        read_certificates(_read(str(roots))),
        read_certificates(_read(str(authorities))) if authorities.exists() else (),
        read_revocations(_read(str(revocations))) if revocations.exists() else (),
    )


def _lines(result: VerifyResult, within: str = "") -> list[str]:
    marks = {
        "good": say("○", "good"),
        "bad": say("× 不合格", "BAD"),
        "not_known": say("? 確認できません", "NOT KNOWN"),
    }
    name = result.shape.term if result.shape else say("文書", "document")
    lines = [f"{within}{name}: {say('有効', 'valid') if result.is_valid else say('無効', 'not valid')}"]
    if result.signer and result.signed_at:
        from tasuki.prescriptions.signature.roles import role_label

        roles = "、".join(role_label(each) for each in result.signer.roles)
        lines.append(f"{within}  {result.signer.subject}（{roles}） {result.signed_at:%Y-%m-%d %H:%M:%S%z}")
    lines += [f"{within}  {each.item.value}: {marks[each.state.value]}" for each in result.items]
    return lines + (_lines(result.prescription, "  ") if result.prescription else [])


def _view(result: VerifyResult) -> dict[str, object]:
    return {
        "document": result.shape.term if result.shape else None,
        "valid": result.is_valid,
        "signed_at": result.signed_at.isoformat() if result.signed_at else None,
        "signer": result.signer.subject if result.signer else None,
        "roles": list(result.signer.roles) if result.signer else [],
        "items": [
            {"item": each.item.name.lower(), "state": each.state.value, "findings": plain(each.findings)}
            for each in result.items
        ],
        "prescription": _view(result.prescription) if result.prescription else None,
    }


def _read(name: str) -> bytes:
    from tasuki.prescriptions.signature.safe_xml import MOST_BYTES

    with opened(name) as stream:
        # One byte more than may be read is refused as too large.
        return stream.read(MOST_BYTES + 1)


def _file(parser: argparse.ArgumentParser, help_text: str) -> None:
    parser.add_argument("file", metavar="FILE", help=help_text)


def _at(parser: argparse.ArgumentParser, help_text: str) -> None:
    parser.add_argument("--at", type=_moment, metavar="TIME", help=help_text)


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.astimezone()
