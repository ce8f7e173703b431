# SPDX-License-Identifier: Apache-2.0
"""資格確認の模擬の土台 — a made-up clinic with its patients, the same people in the register, and a way back to the beginning."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import psycopg

    from tasuki_server.institutions.work import Actor
    from tasuki_server.platform.wire import Asker

INSURER = "06139463"
# Names, birth and number of the people; the last is nobody's patient.
PEOPLE = (
    ("継目 一郎", "ﾂｷﾞﾒ ｲﾁﾛｳ", date(1960, 4, 1), "7001"),
    ("継目 二郎", "ﾂｷﾞﾒ ｼﾞﾛｳ", date(1965, 5, 2), "7002"),
    ("継目 三郎", "ﾂｷﾞﾒ ｻﾌﾞﾛｳ", date(1970, 6, 3), "7003"),
    ("他所 四郎", "ﾖｿ ｼﾛｳ", date(1975, 7, 4), "7004"),
)
STRANGERS = 1
# Everything a run writes on either side; the trail stays, it is append-only also here.
WRITTEN = (
    "confirmation_takeover", "confirmation_fetchedinformation", "confirmation_consentterm", "confirmation_confirmation",
    "confirmation_matchstep", "confirmation_bulkperson", "confirmation_arrivedanswer", "confirmation_inquirystep",
    "confirmation_inquiry", "confirmation_bulkrun", "confirmation_line", "reception_visitstep", "reception_visit",
    "reception_board", "audit_outboxmessage", "eligibility_faceresult", "eligibility_consentrow",
    "eligibility_referencenumber", "eligibility_bulkjob", "platform_serviceevent",
)  # fmt: skip


class ConfirmationGround(NamedTuple):
    """資格確認の模擬の土台 — the clinic, who acts in it, how it names itself, and its patients in the order of the cards."""

    institution_id: UUID
    actor: Actor
    asker: Asker
    owner: psycopg.Connection
    patients: tuple[UUID, ...]
    tables: tuple[str, ...]

    def work(self) -> AbstractContextManager[Any]:
        """取引 — of the clinic."""
        from tasuki_server.institutions.work import as_institution

        return as_institution(self.institution_id, self.actor)

    def clear(self) -> None:
        """初めに戻す — past every trigger, by the owner; the line is on again."""
        with self.owner.transaction():
            self.owner.execute("SET LOCAL session_replication_role = replica")
            self.owner.execute("; ".join(f"DELETE FROM {table}" for table in self.tables))  # type: ignore[arg-type]  # noqa: S608
            self.owner.execute("DELETE FROM patients_insurancerecord WHERE version > 1")


def card_of(place: int) -> str:
    """カード — of a person of the ground."""
    return f"SEAM-{place}"


def confirmation_ground(institution_id: UUID, owner: psycopg.Connection) -> ConfirmationGround:
    """資格確認の模擬の土台を作る — people in the register, and all but the last as patients with their cards."""
    from tasuki.chart.coverage import Insurance, InsuranceKind
    from tasuki.kernel.validity import Validity
    from tasuki_server.eligibility.keys import card_key, name_key
    from tasuki_server.eligibility.models import HeldQualification, InsuredPerson, Insurer
    from tasuki_server.institutions.models import Institution
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.patients.records import add_insurance
    from tasuki_server.patients.register import WhoTheyAre, register_patient
    from tasuki_server.platform.wire import Asker

    actor = system_actor(institution_id)
    Insurer.objects.get_or_create(number=INSURER, defaults={"name": "継目健康保険組合"})
    for place, (name, kana, born, number) in enumerate(PEOPLE):
        if InsuredPerson.objects.filter(card=card_of(place)).exists():
            continue
        person = InsuredPerson.objects.create(
            name=name.replace(" ", "　"), kana=kana, name_key=name_key(name), kana_key=name_key(kana),
            born=born, sex="1", card=card_of(place),
        )  # fmt: skip
        HeldQualification.objects.create(
            person=person, insurer_number=INSURER, number=number, number_key=card_key(number),
            qualified_on=date(2024, 4, 1), share_percent=30,
        )  # fmt: skip
    patients = []
    with as_institution(institution_id, actor):
        institution = Institution.objects.get(pk=institution_id)
        for name, kana, born, number in PEOPLE[:-STRANGERS]:
            patient = register_patient(WhoTheyAre(name, kana, born, "male"))
            value = Insurance(InsuranceKind.EMPLOYEES, INSURER, number=number, share_percent=20)
            add_insurance(patient, value, Validity(date(2024, 4, 1)), None)
            patients.append(patient.id)
    asker = Asker(institution_id, institution.prefecture, institution.code, institution.name)
    known = {row[0] for row in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    tables = tuple(each for each in WRITTEN if each in known)
    return ConfirmationGround(institution_id, actor, asker, owner, tuple(patients), tables)
