# SPDX-License-Identifier: Apache-2.0
"""電子処方箋・調剤情報の文書 — the XML that carries records as Base64, made, read and signed.

The elements are those of documents that public implementations sign and verify, since the specification itself goes to
registered vendors only; see docs/reference/unconfirmed.md.

Cite: 電子処方箋管理サービス 電子処方箋ファイル・処方箋情報提供ファイル・調剤情報提供ファイル
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from tasuki.kernel.printable import printable
from tasuki.prescriptions.reader import read_prescription
from tasuki.prescriptions.record_making import service_data
from tasuki.prescriptions.signature.messages import refuse
from tasuki.prescriptions.signature.names import DISPENSING, PRESCRIPTION, XSI, DocumentShape
from tasuki.prescriptions.signature.safe_xml import Node, decode_base64, only, parse_safely, text_of
from tasuki.prescriptions.signature.signature_parts import check_document_shape
from tasuki.prescriptions.signature.xades import shape_of, sign_document

if TYPE_CHECKING:
    from datetime import datetime

    from tasuki.prescriptions.contents import PrescriptionContents
    from tasuki.prescriptions.records import Document
    from tasuki.prescriptions.signature.signers import Signer

_REFERENCE = ("Document", "Dispensing", "ReferencePrescription")


class RegistrationDocument(NamedTuple):
    """登録する文書 — what stands in the XML: the records of the prescription, and of the dispensing where it is one.

    Nothing here says that a signature is good: ``verify_document`` does. ``prescription_id`` is what the service gave.
    """

    shape: DocumentShape
    prescription: Document
    dispensing: Document | None
    dispensing_data: bytes
    is_signed: bool
    is_prescription_signed: bool
    prescription_id: str


def registration_document(
    contents: PrescriptionContents, signer: Signer | None = None, at: datetime | None = None
) -> bytes:
    """処方箋の登録文書 — signed by ``signer`` at ``at`` (電子), unsigned without one (紙).

    Raises :class:`BadInput` for what cannot be recorded or signed.
    """
    document = prescription_document(service_data(contents))
    if signer is None:
        return document
    if at is None:
        raise ValueError("a signature needs its time")
    return sign_document(document, signer, at)


def prescription_document(data: bytes) -> bytes:
    """処方箋の文書 — SJ1 records as an unsigned document."""
    root = _root(PRESCRIPTION)
    body = etree.SubElement(root, "Prescription")
    _management(body, "PrescriptionManagement", PRESCRIPTION.version)
    etree.SubElement(body, "PrescriptionDocument", id="PrescriptionDocument").text = _base64(data)
    return _bytes(root)


def dispensing_document(prescription: bytes, data: bytes) -> bytes:
    """調剤情報の文書 — CJ1 records beside the prescription they answer, its signature kept as it came; unsigned.

    ``prescription`` is the whole document that was registered. Raises :class:`BadInput` when it is none.
    """
    given = parse_safely(prescription)
    check_document_shape(given)
    if shape_of(given) is not PRESCRIPTION:
        refuse("RX-G-03", path="Document/Prescription")
    if not data.startswith(b"CJ1"):
        refuse(
            "RX-G-32", expected="調剤情報（CJ1）", text=printable(data[:10].decode("utf-8", "replace"), 10)
        )
    root = _root(DISPENSING)
    _management(root, "DispensingManagement", DISPENSING.version)
    body = etree.SubElement(root, "Dispensing", id="Dispensing")
    reference = etree.SubElement(body, "ReferencePrescription")
    for child in only(given, ("Document", "Prescription")):
        reference.append(child)
    etree.SubElement(body, "DispensingDocument", id="DispensingDocument").text = _base64(data)
    return _bytes(root)


def read_registration_document(document: bytes, name: str = "") -> RegistrationDocument:
    """登録文書の読取 — the records in it, with their findings; verifies nothing.

    Raises :class:`BadInput` for XML that is neither document, and for records that cannot be read.
    """
    root = parse_safely(document)
    check_document_shape(root)
    shape = shape_of(root)
    body = only(root, _REFERENCE if shape is DISPENSING else ("Document", "Prescription"))
    data = decode_base64(text_of(body.find("PrescriptionDocument")), "PrescriptionDocument")
    prescription = read_prescription(data, name)
    if prescription.format.name != "SJ":
        refuse("RX-G-32", expected="電子処方箋（SJ1）", text=printable(prescription.header.number, 20))
    dispensed, dispensing = b"", None
    if shape is DISPENSING:
        path = ("Document", "Dispensing", "DispensingDocument")
        dispensed = decode_base64(text_of(only(root, path)), "DispensingDocument")
        dispensing = read_prescription(dispensed, name)
        if dispensing.format.name != "CJ":
            refuse("RX-G-32", expected="調剤情報（CJ1）", text=printable(dispensing.header.number, 20))
    given = body.find("PrescriptionManagement/PrescriptionId")
    is_prescription_signed = body.find("PrescriptionSign") is not None
    return RegistrationDocument(
        shape,
        prescription,
        dispensing,
        dispensed,
        root.find("DispensingSign") is not None if shape is DISPENSING else is_prescription_signed,
        is_prescription_signed,
        given.get("Value", "") if given is not None else "",
    )


def with_prescription_id(document: bytes, prescription_id: str) -> bytes:
    """処方箋IDの付与 — what the service writes beside the signed part; the signature stays good."""
    root = parse_safely(document)
    management = only(root, ("Document", "Prescription", "PrescriptionManagement"))
    for old in management.findall("PrescriptionId"):
        management.remove(old)
    etree.SubElement(management, "PrescriptionId", Value=prescription_id)
    return _bytes(root)


def prescription_info(document: bytes) -> str:
    """処方箋情報 — the document as ``PrescriptionInfo`` of the message carries it."""
    return _base64(document)


def read_prescription_info(text: str) -> bytes:
    """処方箋情報の読取 — the document in ``PrescriptionInfo``. Raises :class:`BadInput`."""
    return decode_base64(text, "PrescriptionInfo")


def _root(shape: DocumentShape) -> Node:
    root = etree.Element("Document", nsmap={"xsi": XSI}, id="Document")
    root.set(f"{{{XSI}}}noNamespaceSchemaLocation", shape.schema)
    return root


def _management(parent: Node, name: str, version: str) -> None:
    management = etree.SubElement(parent, name, id=name)
    etree.SubElement(management, "Version", Value=version)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(root: Node) -> bytes:
    made: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return made
