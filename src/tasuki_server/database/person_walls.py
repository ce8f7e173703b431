# SPDX-License-Identifier: Apache-2.0
"""人ごとの壁 — which rows the portal's role reads, adds and changes, table by table; what is not named here it does not reach.

A transaction of a page has proved three identifiers (``tasuki.current_standing()``): the account that acts, its own person,
and the person whose record is open. Whoever stands in for somebody has that record open and not their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tasuki_server.database.roles import PORTAL

ACCOUNT, OWN, OPEN = (f"(SELECT (tasuki.current_standing())[{place}])" for place in (1, 2, 3))
# Whose names stand beside a record, and the identities that prescriptions know its person by (``standing.sql``): asked as
# functions, for a policy that asks another table has that one's policy planned with each statement.
KNOWN_ACCOUNTS, KNOWN_PEOPLE, PRESCRIBED = (
    f"(SELECT tasuki.{name}())::uuid[]" for name in ("known_accounts", "known_people", "prescribed_as")
)
# The services of the platform and the door of the portal serve everybody.
SERVICES = "services_serve_everybody"
READS, ADDS, CHANGES, REMOVES = "portal_reads", "portal_adds", "portal_changes", "portal_removes"
POLICIES = (SERVICES, READS, ADDS, CHANGES, REMOVES)


class Wall(NamedTuple):
    """壁 — conditions on rows, "" where there is no right; ``kept`` is what a changed row must be, ``seen`` the columns that are read (none: all)."""

    reads: str
    seen: tuple[str, ...] = ()
    adds: str = ""
    changes: str = ""
    changed: tuple[str, ...] = ()
    kept: str = ""
    removes: str = ""

    def statements(self, table: str, everybody: Iterable[str]) -> Iterator[str]:
        """壁の文 — idempotent; ``everybody`` are the roles that the wall does not hold."""
        yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
        for name in POLICIES:
            yield f'DROP POLICY IF EXISTS {name} ON "{table}"'
        yield f'CREATE POLICY {SERVICES} ON "{table}" TO {", ".join(everybody)} USING (true) WITH CHECK (true)'
        yield f'CREATE POLICY {READS} ON "{table}" FOR SELECT TO {PORTAL} USING ({self.reads})'
        yield f'GRANT SELECT{_columns(self.seen)} ON "{table}" TO {PORTAL}'
        if self.adds:
            yield f'CREATE POLICY {ADDS} ON "{table}" FOR INSERT TO {PORTAL} WITH CHECK ({self.adds})'
            yield f'GRANT INSERT ON "{table}" TO {PORTAL}'
        if self.changes:
            yield (
                f'CREATE POLICY {CHANGES} ON "{table}" FOR UPDATE TO {PORTAL}'
                f" USING ({self.changes}) WITH CHECK ({self.kept or self.changes})"
            )
            yield f'GRANT UPDATE{_columns(self.changed)} ON "{table}" TO {PORTAL}'
        if self.removes:
            yield f'CREATE POLICY {REMOVES} ON "{table}" FOR DELETE TO {PORTAL} USING ({self.removes})'
            yield f'GRANT DELETE ON "{table}" TO {PORTAL}'


def _columns(names: tuple[str, ...]) -> str:
    return f" ({', '.join(names)})" if names else ""


# 加入者の列: an address and a card are on no page, and a row may be that of somebody who stands in.
PERSON_COLUMNS = ("id", "name", "kana", "name_key", "kana_key", "sex", "born")
# Not the digest of a token, which opens the platform to whoever finds what it is of.
CONNECTED_COLUMNS = ("id", "prefecture", "fee_table", "code", "name", "made_at", "revoked_at")
SESSION_COLUMNS = (
    "id", "account_id", "passkey_id", "browser", "network", "begun_at", "seen_at", "proved_at", "until_at", "ended_at",
    "ended_why", "acting_id",
)  # fmt: skip

_OF_THE_ACCOUNT, _OF_THE_RECORD = f"account_id = {ACCOUNT}", f"person_id = {OPEN}"
_BY_THE_ACCOUNT = f"{_OF_THE_RECORD} AND {_OF_THE_ACCOUNT}"
# A code is made for one's own record, and for those only whom one lets stand in.
_OWN_INVITATION = f"{_OF_THE_RECORD} AND person_id = {OWN} AND kind = 'invite' AND issuer_id IS NULL"
# A standing begins by a code that has not served, and with what it says.
_BY_A_CODE = f"""{_BY_THE_ACCOUNT} AND revoked_at IS NULL AND EXISTS (
    SELECT FROM portal_onetimecode c
    WHERE c.id = code_id AND c.person_id = portal_proxy.person_id AND c.used_at IS NULL AND c.until_at > now()
      AND ((c.kind = 'child' AND portal_proxy.kind = 'parent')
        OR (c.kind = 'invite' AND portal_proxy.kind = 'chosen' AND c.may_consent = portal_proxy.may_consent
          AND c.ends_on IS NOT DISTINCT FROM portal_proxy.ends_on)))"""  # noqa: S608 - nothing from outside
_OWN_STANDING_IN = (
    "acting_id IS NULL OR EXISTS"
    " (SELECT FROM portal_proxy x WHERE x.id = acting_id AND x.account_id = portal_session.account_id)"
)

WALLS: dict[str, Wall] = {
    "portal_account": Wall(
        f"id = ANY ({KNOWN_ACCOUNTS})",
        changes=f"id = {ACCOUNT}",
        changed=("waits_until",),
    ),
    "portal_passkey": Wall(
        _OF_THE_ACCOUNT,
        adds=_OF_THE_ACCOUNT,
        changes=f"{_OF_THE_ACCOUNT} AND removed_at IS NULL",
        changed=("sign_count", "used_at", "removed_at", "waits_until"),
        kept=_OF_THE_ACCOUNT,
    ),
    "portal_onetimecode": Wall(
        _OF_THE_RECORD,
        seen=("id", "person_id", "kind", "ends_on", "may_consent", "until_at", "used_at"),
        adds=_OWN_INVITATION,
        changes=f"{_OF_THE_RECORD} AND used_at IS NULL",
        changed=("until_at", "used_at"),
        kept=_OF_THE_RECORD,
    ),
    "portal_proxy": Wall(
        f"{_OF_THE_RECORD} OR {_OF_THE_ACCOUNT}",
        adds=_BY_A_CODE,
        changes=f"revoked_at IS NULL AND ({_OF_THE_ACCOUNT} OR ({_OF_THE_RECORD} AND person_id = {OWN}))",
        changed=("revoked_at", "revoked_by_id"),
        kept=f"revoked_at IS NOT NULL AND revoked_by_id = {ACCOUNT}",
    ),
    "portal_session": Wall(
        _OF_THE_ACCOUNT,
        seen=SESSION_COLUMNS,
        changes=f"{_OF_THE_ACCOUNT} AND ended_at IS NULL",
        changed=("proved_at", "ended_at", "ended_why", "acting_id"),
        kept=f"{_OF_THE_ACCOUNT} AND ({_OWN_STANDING_IN})",
    ),
    "portal_event": Wall(_OF_THE_RECORD, adds=_BY_THE_ACCOUNT),
    "portal_ownentry": Wall(
        _OF_THE_RECORD,
        adds=_BY_THE_ACCOUNT,
        changes=f"{_OF_THE_RECORD} AND withdrawn_at IS NULL",
        changed=("withdrawn_at",),
        kept=_OF_THE_RECORD,
    ),
    # Random numbers of nobody; only those that time refuses by itself are seen and put away.
    "portal_spent_challenge": Wall(
        f"{ACCOUNT} IS NOT NULL AND until_at < now() - interval '1 minute'",
        adds=f"{ACCOUNT} IS NOT NULL",
        removes=f"{ACCOUNT} IS NOT NULL AND until_at < now() - interval '1 minute'",
    ),
    "eligibility_insuredperson": Wall(f"id = ANY ({KNOWN_PEOPLE})", seen=PERSON_COLUMNS),
    "eligibility_heldqualification": Wall(_OF_THE_RECORD),
    "eligibility_consentrow": Wall(_OF_THE_RECORD, changes=_OF_THE_RECORD, changed=("cancelled_at",)),
    "eligibility_drugrecord": Wall(_OF_THE_RECORD),
    "eligibility_treatmentrecord": Wall(_OF_THE_RECORD),
    "eligibility_checkuprecord": Wall(_OF_THE_RECORD),
    "prescriptions_patient": Wall(
        f"id = ANY ({PRESCRIBED})",
        seen=("id", "insurer", "symbol", "number", "branch"),
    ),
    "platform_serviceevent": Wall(f"{_OF_THE_RECORD} OR person_id = ANY ({PRESCRIBED})"),
}
# 人のものでない表: who is connected, by name; no wall, and a few columns.
OPEN_TABLES: dict[str, tuple[str, ...]] = {"platform_connectedinstitution": CONNECTED_COLUMNS}


def grants_of_the_portal(table: str, everybody: Iterable[str]) -> list[str]:
    """本人の画面の権利 — of a table: behind its wall, a few columns of one that is nobody's, or none."""
    wall, columns = WALLS.get(table), OPEN_TABLES.get(table)
    if wall is not None:
        return list(wall.statements(table, everybody))
    return [f'GRANT SELECT{_columns(columns)} ON "{table}" TO {PORTAL}'] if columns else []
