# SPDX-License-Identifier: Apache-2.0
"""医療機関の分離の点検 — what pg_catalog says against the walls between institutions, so that nothing added later slips through.

Row-level security holds only where it is forced, and views, functions, keys and grants lead around it. Each question
returns what offends; an empty answer is what must be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki_server.database.person_walls import OPEN_TABLES, POLICIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Ask = Callable[..., list[tuple[Any, ...]]]

_TENANT_TABLES = """
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'tasuki') AND c.relkind IN ('r', 'p') AND c.relname <> 'accounts_user'
      AND (c.relname = 'institutions_institution' OR EXISTS (
        SELECT 1 FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attname = 'institution_id' AND NOT a.attisdropped))
"""


class Offence(NamedTuple):
    """分離の欠陥 — which question found it, and the object."""

    question: str
    thing: str


QUESTIONS: dict[str, str] = {
    "row_security_forced": """
        SELECT c.oid::regclass::text FROM pg_class c
        WHERE c.oid IN (<tenant tables>) AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
    """,
    "one_policy_for_all": """
        SELECT t.oid::regclass::text FROM (<tenant tables>) t WHERE 1 <> (
          SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid AND p.polname = 'own_institution_only'
            AND p.polcmd = '*' AND p.polpermissive AND p.polroles = ARRAY[0::oid]
            AND pg_get_expr(p.polqual, p.polrelid) LIKE '%tasuki.current_institution()%'
            AND pg_get_expr(p.polqual, p.polrelid) = pg_get_expr(p.polwithcheck, p.polrelid))
    """,
    "no_further_policy": """
        SELECT p.polrelid::regclass::text || '.' || p.polname FROM pg_policy p
        WHERE p.polname <> 'own_institution_only' AND NOT (p.polname = ANY (<policies of persons>)
            AND p.polrelid NOT IN (<tenant tables>))
          AND NOT (p.polname = 'owner_lists' AND p.polcmd = 'r'
                   AND p.polrelid = 'institutions_institution'::regclass
                   AND p.polroles = ARRAY['tasuki_owner'::regrole::oid])
    """,
    "views_ask_as_the_asker": """
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('public', 'tasuki', 'masked') AND (c.relkind = 'm' OR (c.relkind = 'v' AND NOT coalesce(
          (SELECT option_value::boolean FROM pg_options_to_table(c.reloptions)
           WHERE option_name = 'security_invoker'), false)))
    """,
    # The functions that run with their owner's rights; tenancy.sql and standing.sql say why.
    "no_function_lends_rights": """
        SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
          AND (p.oid::regprocedure::text <> ALL (ARRAY['tasuki.current_institution()', 'tasuki.current_standing()',
                'tasuki.known_accounts()', 'tasuki.known_people()', 'tasuki.prescribed_as()'])
               OR coalesce(array_to_string(p.proconfig, ','), '') NOT LIKE '%search_path=pg_catalog, pg_temp%')
    """,
    "references_stay_at_home": """
        SELECT c.conrelid::regclass::text || '.' || c.conname FROM pg_constraint c
        WHERE c.contype = 'f' AND cardinality(c.conkey) = 1
          AND c.confrelid <> 'institutions_institution'::regclass
          AND c.conrelid IN (<tenant tables>) AND c.confrelid IN (<tenant tables>)
          AND NOT EXISTS (SELECT 1 FROM pg_constraint h WHERE h.contype = 'f' AND h.conrelid = c.conrelid
            AND h.confrelid = c.confrelid AND cardinality(h.conkey) = 2 AND c.conkey[1] = ANY (h.conkey))
    """,
    # Whoever hits a key of one UUID or the digest of a token knew it already; any other key tells that another
    # institution has the value.
    "unique_within_an_institution": """
        SELECT i.indexrelid::regclass::text FROM pg_index i
        WHERE i.indisunique AND NOT i.indisprimary AND i.indrelid IN (<tenant tables>)
          AND i.indrelid <> 'institutions_institution'::regclass
          AND i.indexrelid::regclass::text <> 'api_apitoken_digest_key'
          AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = i.indrelid
            AND a.attnum = ANY (i.indkey::smallint[])
            AND (a.attname = 'institution_id' OR (i.indnatts = 1 AND a.atttypid = 'uuid'::regtype)))
    """,
    "roles_hold_no_power": """
        SELECT rolname::text FROM pg_roles WHERE rolname IN ('tasuki_app', 'tasuki_signin', 'tasuki_receiving', 'tasuki_platform', 'tasuki_portal_door',
          'tasuki_portal')
          AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
            OR EXISTS (SELECT 1 FROM pg_auth_members m WHERE m.member = pg_roles.oid)
            OR EXISTS (SELECT 1 FROM pg_shdepend d WHERE d.refobjid = pg_roles.oid AND d.deptype = 'o'))
        UNION ALL SELECT rolname::text FROM pg_roles
        WHERE rolname = 'tasuki_owner' AND (rolsuper OR rolbypassrls OR rolcanlogin)
    """,
    "nothing_granted_to_all": """
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
          aclexplode(c.relacl) g WHERE n.nspname IN ('public', 'tasuki') AND g.grantee = 0
        UNION ALL SELECT 'database' WHERE has_database_privilege('public', current_database(), 'TEMP, CREATE')
        UNION ALL SELECT 'schema public' WHERE has_schema_privilege('public', 'public', 'USAGE, CREATE')
    """,
    "other_roles_reach_no_patient": """
        SELECT r.role || ' ' || t.oid::regclass::text FROM (<tenant tables>) t,
          (VALUES ('tasuki_signin'), ('tasuki_receiving'), ('tasuki_platform'), ('tasuki_portal_door'), ('tasuki_portal')) r(role)
        WHERE has_table_privilege(r.role, t.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES')
    """,
    # Rows of a service that the portal's role reaches: each by a policy that asks whose record is open, or the table is nobody's.
    "portal_held_to_one_person": """
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('public', 'tasuki') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
          AND (has_table_privilege('tasuki_portal', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES')
            OR has_any_column_privilege('tasuki_portal', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
          AND c.relname <> ALL (<tables of nobody>)
          AND (NOT c.relrowsecurity OR NOT EXISTS (<policies of the portal>) OR EXISTS (<policies of the portal>
            AND (coalesce(pg_get_expr(p.polqual, p.polrelid) !~ '<asks who>', false)
              OR coalesce(pg_get_expr(p.polwithcheck, p.polrelid) !~ '<asks who>', false))))
        UNION ALL SELECT 'key of the proofs' WHERE has_table_privilege('tasuki_portal', 'tasuki.tenancy_key', 'SELECT')
        UNION ALL SELECT 'door ' || c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('public', 'tasuki') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
          AND has_table_privilege('tasuki_portal_door', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES')
          AND left(c.relname, 7) <> 'portal_' AND c.relname <> 'eligibility_insuredperson'
        UNION ALL SELECT r.role || ' ' || p.proname FROM pg_proc p,
          (VALUES ('tasuki_portal_door'), ('tasuki_platform'), ('tasuki_app'), ('tasuki_signin')) r(role)
        WHERE p.oid::regprocedure::text ~ '<asks who>' AND has_function_privilege(r.role, p.oid, 'EXECUTE')
    """,
}
_PORTAL_POLICIES = """
    SELECT FROM pg_policy p WHERE p.polrelid = c.oid
      AND p.polroles && ARRAY[0::oid, (SELECT oid FROM pg_roles WHERE rolname = 'tasuki_portal')]
"""


def offences(ask: Ask) -> list[Offence]:
    """分離の欠陥 — every object that offends; ``ask`` runs a query with every right and gives its rows."""
    return [
        Offence(question, str(thing))
        for question, query in QUESTIONS.items()
        for (thing,) in ask(_whole(query))
    ]


def _whole(query: str) -> str:
    for name, text in (
        ("<tenant tables>", _TENANT_TABLES),
        ("<policies of the portal>", _PORTAL_POLICIES),
        ("<policies of persons>", _array(POLICIES)),
        ("<tables of nobody>", _array(OPEN_TABLES)),
        ("<asks who>", r"tasuki\.(current_standing|known_accounts|known_people|prescribed_as)\(\)"),
    ):
        query = query.replace(name, text)
    return query


def _array(names: Iterable[str]) -> str:
    quoted = ", ".join(f"'{each}'" for each in names)
    return f"ARRAY[{quoted}]"
