# SPDX-License-Identifier: Apache-2.0
"""架空の加入者の生成 — as many as asked for, found again by their cards, and going on where the last seeding ended."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tasuki.eligibility.answer import Eligibility
from tasuki.eligibility.message import Node

pytestmark = pytest.mark.server
TODAY, NOW = date(2026, 11, 30), datetime(2026, 11, 30, 9, tzinfo=ZoneInfo("Asia/Tokyo"))


def test_generated_people_are_answered_about_by_their_cards(server):
    import asyncio

    from django.db.models import Count

    from tasuki_server.database.django_settings import VARIABLES
    from tasuki_server.eligibility.asked import read_asked
    from tasuki_server.eligibility.confirm import Question, confirm_many
    from tasuki_server.eligibility.generated import generated_person, seed
    from tasuki_server.eligibility.models import HeldQualification, InsuredPerson
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.pool import open_pool

    assert seed(250, TODAY, NOW) == 250
    assert seed(150, TODAY, NOW) == 400
    assert InsuredPerson.objects.count() == 400
    # Some have an ended cover before the one of now.
    assert HeldQualification.objects.values("person").annotate(n=Count("id")).filter(n=2).exists()
    row, _ = register_institution("13", "1", "9990001", "試験医院")

    def question(place):
        person = generated_person(place, TODAY)
        items = (
            ("InsurerNumber", person.insurer), ("InsuredCardSymbol", person.symbol),
            ("InsuredIdentificationNumber", person.number), ("InsuredBranchNumber", person.branch),
            ("Birthdate", f"{person.born:%Y%m%d}"),
        )  # fmt: skip
        node = Node("QualificationConfirmSearchInfo", "", tuple(Node(*each) for each in items if each[1]))
        return Question(read_asked(node), row.id, row.institution_number, TODAY, NOW)

    async def asked():
        import os

        pool = await open_pool(os.environ[VARIABLES["platform"]], 1)
        async with pool.acquire() as connection, connection.transaction():
            found = await confirm_many(connection, [question(place) for place in range(400)], "confirm")
        await pool.close()
        return found

    found = asyncio.run(asked())
    states = [each.answer.eligibility for each in found]
    assert {*states} == {Eligibility.VALID, Eligibility.INVALID}
    assert [place for place, state in enumerate(states) if state is Eligibility.INVALID] == list(
        range(3, 400, 53)
    )
    assert len({each.person for each in found}) == 400
