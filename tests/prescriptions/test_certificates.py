# SPDX-License-Identifier: Apache-2.0
"""証明書の検証 — whose certificate it is, whether it leads to a trusted root, was valid, and was not revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from prescriptions.made_contents import AT, CONTENTS, hpki, trust
from tasuki.kernel.finding import BadInput
from tasuki.prescriptions.documents import prescription_document, registration_document
from tasuki.prescriptions.record_making import service_data
from tasuki.prescriptions.signature.practice_hpki import (
    PracticeAuthority,
    make_person,
    make_practice_hpki,
    make_revocations,
)
from tasuki.prescriptions.signature.results import ItemState, VerifiedItem, VerifyResult
from tasuki.prescriptions.signature.roles import DIRECTORY_ATTRIBUTES, MedicalRole, role_extension, roles_of
from tasuki.prescriptions.signature.signers import LocalSigner
from tasuki.prescriptions.signature.trust import Trust
from tasuki.prescriptions.signature.verify import verify_document
from tasuki.prescriptions.signature.xades import ROLES, complete_signature, prepare_signature, sign_document

LATER = AT + timedelta(minutes=3)
DAY = timedelta(days=1)


def bad_items(result: VerifyResult) -> dict[VerifiedItem, list[str]]:
    assert not result.is_valid
    return {
        each.item: [finding.code for finding in each.findings]
        for each in result.items
        if each.state is not ItemState.GOOD
    }


def signed_by(signer: LocalSigner, at: datetime = AT) -> bytes:
    return registration_document(CONTENTS, signer, at)


def test_the_role_is_written_as_the_real_authority_writes_it():
    """The bytes of subjectDirectoryAttributes in a test certificate of MEDIS (published with MediSignVerifier)."""
    published = "303430320606288185420001312831263024A0223120A00C060A2A830886910F01060101A2100C0E4D65646963616C20446F63746F72"
    assert role_extension(MedicalRole.DOCTOR).value == bytes.fromhex(published)


@given(st.binary(max_size=80))
def test_any_bytes_for_a_role_give_roles_or_none(data: bytes):
    class Fake:
        class extensions:  # noqa: N801
            @staticmethod
            def get_extension_for_oid(oid: x509.ObjectIdentifier) -> x509.Extension:
                return x509.Extension(oid, False, x509.UnrecognizedExtension(oid, data))

    assert isinstance(roles_of(Fake()), tuple)
    assert DIRECTORY_ATTRIBUTES.dotted_string == "2.5.29.9"


@pytest.mark.parametrize(("who", "code"), [(None, "RX-G-22"), (MedicalRole.PHARMACIST, "RX-G-21")])
def test_whoever_is_no_doctor_cannot_sign_a_prescription(
    who: MedicalRole | None, code: str, monkeypatch: pytest.MonkeyPatch
):
    made = hpki()
    signer = make_person(made.root, made.authority, who, "Test Other", AT)
    with pytest.raises(BadInput) as refused:
        signed_by(signer)
    assert [each.code for each in refused.value.findings] == [code]
    # Another programme may have let it through: whoever verifies refuses it as well.
    with monkeypatch.context() as patch:
        patch.setattr("tasuki.prescriptions.signature.xades._check_signer", lambda *_: None)
        document = signed_by(signer)
    assert bad_items(verify_document(document, trust(), LATER)) == {VerifiedItem.ROLE: [code]}


def test_a_dentist_may_prescribe_and_a_doctor_may_not_dispense():
    assert MedicalRole.DENTIST in ROLES["PrescriptionSign"]
    assert ROLES["DispensingSign"] == (MedicalRole.PHARMACIST,)
    made = hpki()
    dentist = make_person(made.root, made.authority, MedicalRole.DENTIST, "Test Dentist", AT)
    assert verify_document(signed_by(dentist), trust(), LATER).is_valid


def test_another_root_is_not_trusted():
    other = make_practice_hpki(AT)
    result = verify_document(signed_by(other.doctor), trust(), LATER)
    assert bad_items(result) == {VerifiedItem.CHAIN: ["RX-G-16"]}
    # A root that comes with the document counts for nothing.
    nobody = replace(trust(), roots=())
    assert bad_items(verify_document(signed_by(other.doctor), nobody, LATER)) == {
        VerifiedItem.CHAIN: ["RX-G-16"]
    }


def test_a_certificate_counts_while_it_is_valid():
    made = hpki()
    short = make_person(made.root, made.authority, MedicalRole.DOCTOR, "Test Short", AT, days=10)
    document = signed_by(short, AT)
    lists = (
        make_revocations(made.root, (), AT + 9 * DAY),
        make_revocations(made.authority, (), AT + 9 * DAY),
    )
    fresh = replace(trust(), revocations=lists)
    assert verify_document(document, fresh, AT + 9 * DAY).is_valid
    late = bad_items(verify_document(document, fresh, AT + 11 * DAY))
    assert late[VerifiedItem.VALIDITY] == ["RX-G-17"]
    with pytest.raises(BadInput) as refused:
        signed_by(short, AT + 11 * DAY)
    assert [each.code for each in refused.value.findings] == ["RX-G-17"]


def test_a_time_of_signing_after_the_reception_is_refused():
    result = verify_document(signed_by(hpki().doctor, AT), trust(), AT - timedelta(hours=1))
    assert bad_items(result)[VerifiedItem.VALIDITY] == ["RX-G-15"]
    assert verify_document(signed_by(hpki().doctor, AT), trust(), AT - timedelta(minutes=4)).is_valid


@pytest.mark.parametrize(("revoked_at", "is_valid"), [(AT - DAY, False), (AT, False), (LATER + DAY, True)])
def test_a_revoked_certificate_does_not_count_from_its_revocation(revoked_at: datetime, is_valid: bool):
    made = hpki()
    revoked = make_revocations(made.authority, ((made.doctor.chain[0], revoked_at),), AT)
    result = verify_document(
        signed_by(made.doctor), replace(trust(), revocations=(trust().revocations[0], revoked)), LATER
    )
    assert result.is_valid is is_valid
    if not is_valid:
        assert bad_items(result) == {VerifiedItem.REVOCATION: ["RX-G-18"]}


def test_a_revoked_authority_takes_everybody_below_with_it():
    made = hpki()
    revoked = make_revocations(made.root, ((made.authority.certificate, AT - DAY),), AT)
    result = verify_document(
        signed_by(made.doctor), replace(trust(), revocations=(revoked, trust().revocations[1])), LATER
    )
    assert bad_items(result) == {VerifiedItem.REVOCATION: ["RX-G-18"]}


def test_what_is_not_known_of_a_revocation_is_not_taken_as_good():
    made = hpki()
    document = signed_by(made.doctor)
    without = verify_document(document, replace(trust(), revocations=()), LATER)
    assert bad_items(without) == {VerifiedItem.REVOCATION: ["RX-G-19", "RX-G-19"]}
    assert {each.state for each in without.items} == {ItemState.GOOD, ItemState.NOT_KNOWN}
    old = tuple(make_revocations(each, (), AT - 60 * DAY) for each in (made.root, made.authority))
    assert bad_items(verify_document(document, replace(trust(), revocations=old), LATER)) == {
        VerifiedItem.REVOCATION: ["RX-G-20", "RX-G-20"]
    }
    other = make_practice_hpki(AT)
    false_list = make_revocations(PracticeAuthority(other.root.key, made.authority.certificate), (), AT)
    forged = replace(trust(), revocations=(trust().revocations[0], false_list))
    assert bad_items(verify_document(document, forged, LATER)) == {VerifiedItem.REVOCATION: ["RX-G-20"]}


def certificate(
    key: rsa.RSAPrivateKey,
    subject: x509.Name,
    by: PracticeAuthority,
    *extensions: tuple[x509.ExtensionType, bool],
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(AT - DAY)
        .not_valid_after(AT + 30 * DAY)
    )
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.sign(by.key, hashes.SHA256())


def usage(name: str) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{each: each == name for each in names})


def leaf(
    by: PracticeAuthority, *extensions: tuple[x509.ExtensionType, bool], bits: int = 2048
) -> LocalSigner:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "TASUKI TEST LEAF")])
    made = certificate(key, name, by, (role_extension(MedicalRole.DOCTOR), False), *extensions)
    return LocalSigner(key, (made, by.certificate))


def test_a_person_can_make_no_authority():
    """A doctor's certificate used as an authority for another doctor."""
    doctor = hpki().doctor
    below = PracticeAuthority(doctor.key, doctor.chain[0])
    signer = leaf(below, (usage("content_commitment"), True))
    signer = LocalSigner(signer.key, (signer.chain[0], doctor.chain[0], hpki().authority.certificate))
    result = verify_document(signed_by(signer), trust(), LATER)
    assert bad_items(result)[VerifiedItem.CHAIN] == ["RX-G-16"]


def test_an_authority_can_make_no_further_authority_than_it_may():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "TASUKI TEST SUB")])
    basic = (x509.BasicConstraints(ca=True, path_length=None), True)
    sub = PracticeAuthority(
        key, certificate(key, name, hpki().authority, basic, (usage("key_cert_sign"), True))
    )
    signer = leaf(sub, (usage("content_commitment"), True))
    assert bad_items(verify_document(signed_by(signer), trust(), LATER))[VerifiedItem.CHAIN] == ["RX-G-16"]


@pytest.mark.parametrize(
    ("extensions", "code"),
    [
        (((usage("digital_signature"), True),), "RX-G-23"),
        ((), "RX-G-23"),
        (
            ((usage("content_commitment"), True), (x509.BasicConstraints(ca=True, path_length=None), True)),
            "RX-G-16",
        ),
        (
            (
                (usage("content_commitment"), True),
                (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),
            ),
            "RX-G-16",
        ),
    ],
)
def test_a_certificate_for_something_else_is_refused(
    extensions: tuple[tuple[x509.ExtensionType, bool], ...], code: str
):
    document = signed_by(leaf(hpki().authority, *extensions))
    assert code in bad_items(verify_document(document, trust(), LATER))[VerifiedItem.CHAIN]


def test_a_short_key_is_refused():
    document = signed_by(leaf(hpki().authority, (usage("content_commitment"), True), bits=1024))
    assert "RX-G-09" in bad_items(verify_document(document, trust(), LATER))[VerifiedItem.ALGORITHM]


def test_a_signature_of_another_key_is_not_put_in():
    made = hpki()
    prepared = prepare_signature(prescription_document(service_data(CONTENTS)), made.doctor.chain, AT)
    with pytest.raises(BadInput) as refused:
        complete_signature(prepared, made.pharmacist.sign(prepared.data))
    assert [each.code for each in refused.value.findings] == ["RX-G-26"]
    done = complete_signature(prepared, made.doctor.sign(prepared.data))
    assert done == sign_document(prescription_document(service_data(CONTENTS)), made.doctor, AT)


def test_a_list_of_authorities_alone_says_nothing_of_a_person():
    made = hpki()
    scope = x509.IssuingDistributionPoint(
        full_name=None,
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=True,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )

    def limited(authority: PracticeAuthority) -> x509.CertificateRevocationList:
        builder = x509.CertificateRevocationListBuilder().issuer_name(authority.certificate.subject)
        builder = builder.last_update(AT - DAY).next_update(AT + DAY).add_extension(scope, critical=True)
        return builder.sign(authority.key, hashes.SHA256())

    document = signed_by(made.doctor)
    of_root, of_authority = trust().revocations
    good = Trust(trust().roots, trust().authorities, (limited(made.root), of_authority))
    assert verify_document(document, good, LATER).is_valid
    bad = Trust(trust().roots, trust().authorities, (of_root, limited(made.authority)))
    assert bad_items(verify_document(document, bad, LATER)) == {VerifiedItem.REVOCATION: ["RX-G-20"]}
