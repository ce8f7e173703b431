# SPDX-License-Identifier: Apache-2.0
"""安全管理室の読出し — what stands on each screen; the view notes that it was read."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import DatabaseError, connections, transaction
from django.urls import reverse
from django.utils import timezone

from tasuki_server.audit.models import AuditCheckpoint, AuditEvent
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.tenancy_lint import offences
from tasuki_server.institutions.work import current_institution_id
from tasuki_server.office.ending_keys import Wall, wall_of_keys
from tasuki_server.office.evidence import KeptRun, kept_runs
from tasuki_server.office.models import Asset, Contract, Notice
from tasuki_server.shell.waiting import Waiting, due_by

# 証跡の有効期間: committed evidence of a long drill is asked for anew after this.
EVIDENCE_DAYS = 30
CHECKPOINT_LATE = timedelta(minutes=10)
KEY_DAYS = 365
UNUSED_DAYS = 90
SUPPORT_WARNING = timedelta(days=180)


def walls(at: datetime) -> list[Wall]:
    """壁の状態 — trail and witness, separation of institutions, keys of data and of systems, and the watch."""
    return [_trail(at), _witness(), _separation(), _keys(at), wall_of_keys(at), _watch()]


def _trail(at: datetime) -> Wall:
    name, url = "監査記録のチェックポイント", reverse("audit:list")
    last = AuditCheckpoint.objects.order_by("-size").values_list("taken_at", "size").first()
    events = AuditEvent.objects.order_by("-number").values_list("number", flat=True).first() or 0
    if last is None:
        return Wall(
            name, "bad", "なし", f"記録 {events} 件に、署名したチェックポイントがまだありません。", url
        )
    taken, size = last
    words = f"{timezone.localtime(taken):%Y-%m-%d %H:%M:%S} に {size} 件まで。まだ含まれない記録 {events - size} 件。"
    late = events > size and at - taken > CHECKPOINT_LATE
    return Wall(name, "bad" if late else "good", "遅れ" if late else "正常", words, url)


def _witness() -> Wall:
    from tasuki_server.settings_table import text

    name, address = "監査記録の証人", text("TASUKI_WITNESS")
    if not address:
        words = "別の機械の証人（TASUKI_WITNESS）がありません。この設置の中の証人は試用のためのもので、機械ごと失われます。"
        return Wall(name, "warn", "試用", words)
    return Wall(
        name,
        "plain",
        "設定済み",
        f"{address} へ毎分届けます。確かめるには `./tasuki audit verify` を使います。",
    )


def _separation() -> Wall:
    name = "医療機関の分離（データベース）"
    try:
        with transaction.atomic(using="default"):
            found = offences(_ask)
    except DatabaseError:
        return Wall(name, "warn", "不明", "データベースの目録を読めませんでした。")
    if found:
        things = "、".join(f"{each.question} {each.thing}" for each in found[:5])
        return Wall(name, "bad", "欠陥", f"{len(found)} 件: {things}")
    return Wall(name, "good", "正常", "目録の点検で、見つかった欠陥は0件です。")


def _ask(query: str) -> list[tuple[Any, ...]]:
    with connections["default"].cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _keys(at: datetime) -> Wall:
    from tasuki_server.keys.models import DataKey, KeyPurpose

    name = "項目の暗号化の鍵"
    keys = DataKey.objects.filter(purpose=KeyPurpose.DATA, retired_at=None).order_by("number")
    rows = list(keys.values_list("number", "made_at"))
    if not rows:
        return Wall(name, "bad", "なし", "鍵がありません。")
    number, made = rows[-1]
    days = (at - made).days
    words = f"鍵 {number} は {timezone.localtime(made):%Y-%m-%d} に作りました（{days}日）。"
    if len(rows) > 1:
        return Wall(name, "warn", "交換の途中", words + "`./tasuki keys rotate --resume` で続けてください。")
    old = days > KEY_DAYS
    return Wall(name, "warn" if old else "good", "交換の時期" if old else "正常", words)


def _watch() -> Wall:
    from tasuki_server.watch.alerts import state_of_watch

    told = state_of_watch()
    late = told["waiting"] > 100
    words = f"記録 {told['read']} 番まで確認。未確認 {told['waiting']} 件。"
    return Wall(
        "不正利用の見張り",
        "bad" if late else "good",
        "遅れ" if late else "正常",
        words,
        reverse("watch:alerts"),
    )


class DrillLine(NamedTuple):
    """訓練の行 — its newest evidence, and whether that is still fresh."""

    name: str
    title: str
    run: KeptRun | None
    tone: str
    mark: str


def drill_lines(day: date) -> list[DrillLine]:
    """訓練の一覧 — every drill, those without fresh evidence too."""
    from tasuki_server.drills.registry import DRILLS

    newest: dict[str, KeptRun] = {}
    for each in kept_runs():
        newest.setdefault(each.drill, each)
    found = []
    for name, drill in DRILLS.items():
        run = newest.get(name)
        if run is None:
            found.append(DrillLine(name, drill.title, None, "plain", "長い訓練の証跡なし"))
        elif not run.is_passed:
            found.append(DrillLine(name, drill.title, run, "bad", "不合格"))
        elif (day - run.ran_on).days > EVIDENCE_DAYS:
            found.append(DrillLine(name, drill.title, run, "warn", "古い"))
        else:
            found.append(DrillLine(name, drill.title, run, "good", "合格"))
    return found


class PersonLine(NamedTuple):
    """職員の行 — second factor and last use of one person."""

    staff: Staff
    factors: str
    last_used_at: datetime | None
    tone: str
    mark: str


def people(at: datetime) -> list[PersonLine]:
    """職員の二要素認証 — of everyone with a sign-in, those who need something first."""
    from allauth.mfa.models import Authenticator

    from tasuki_server.accounts.models import SignInSession, User

    users = {each.pk: each for each in User.objects.filter(institution_id=current_institution_id())}
    factors: dict[Any, set[str]] = {}
    for user_id, kind in Authenticator.objects.filter(user_id__in=users).values_list("user_id", "type"):
        factors.setdefault(user_id, set()).add(_FACTORS.get(kind, kind))
    used: dict[Any, datetime] = {}
    for user_id, seen in SignInSession.objects.filter(user_id__in=users).values_list(
        "user_id", "last_seen_at"
    ):
        used[user_id] = max(seen, used.get(user_id, seen))
    found = []
    members = Staff.objects.filter(is_system=False, is_active=True).exclude(user_id=None)
    for staff in members.order_by("kana", "name"):
        user, held = users.get(staff.user_id), factors.get(staff.user_id, set())
        last = used.get(staff.user_id)
        since = last or (user.created_at if user else at)
        if user is None or not user.is_active:
            tone, mark = "plain", "利用停止"
        elif not held & {"認証アプリ", "パスキー"}:
            tone, mark = "bad", "二要素が未登録"
        elif at - since > timedelta(days=UNUSED_DAYS):
            tone, mark = "warn", f"{UNUSED_DAYS}日を超えて使っていない"
        else:
            tone, mark = "good", "登録済み"
        found.append(PersonLine(staff, "、".join(sorted(held)) or "なし", last, tone, mark))
    return sorted(found, key=lambda each: _TONES.index(each.tone))


_FACTORS = {"totp": "認証アプリ", "webauthn": "パスキー", "recovery_codes": "回復コード"}
_TONES = ("bad", "warn", "good", "plain")


def contracts(day: date) -> list[dict[str, Any]]:
    """契約の一覧 — with how much of the responsibility matrix is filled in."""
    from tasuki_server.office.duties import DUTIES
    from tasuki_server.office.keeping import responsibilities_of

    rows = Contract.objects.current().select_related("made_by").order_by("company", "since")  # type: ignore[attr-defined]
    found = []
    for row in rows:
        held = responsibilities_of(row)
        found.append(
            {
                "row": row,
                "filled": sum(each in held for each in DUTIES),
                "duties": len(DUTIES),
                "matrix": [(label, held.get(duty)) for duty, label in DUTIES.items()],
                "is_over": row.until is not None and row.until < day,
            }
        )
    return found


def assets(day: date) -> list[dict[str, Any]]:
    """資産の一覧 — with what is known to be weak or near the end of its support."""
    from tasuki_server.drills.scan_parts import advisories, known_weak
    from tasuki_server.sbom import Locked, plain_name

    known = advisories()
    found = []
    for row in Asset.objects.current().order_by("kind", "name"):  # type: ignore[attr-defined]
        weak = (
            known_weak([Locked(plain_name(row.package), row.software_version, ())], known)
            if row.package
            else []
        )
        ends = row.support_until
        found.append(
            {
                "row": row,
                "weak": weak,
                "is_unsupported": ends is not None and ends < day,
                "is_ending": ends is not None and day <= ends < day + SUPPORT_WARNING,
            }
        )
    return found


def parts() -> dict[str, Any]:
    """部品表の要約 — what is installed here, and which of it is known to be weak."""
    from tasuki_server.drills.scan_parts import advisories, known_weak
    from tasuki_server.sbom import Locked, bill_of_materials

    bill = bill_of_materials({})
    installed = [Locked(each["name"], each["version"], ()) for each in bill["components"]]
    return {"count": len(installed), "parts": installed, "weak": known_weak(installed, advisories())}


def notices() -> list[Notice]:
    """お知らせの一覧 — open ones by their day, then what was done."""
    rows = list(Notice.objects.select_related("made_by", "done_by"))
    return sorted(rows, key=lambda each: (each.done_at is not None, each.due_on, each.made_at))


def waiting_notices(_staff: Staff) -> list[Waiting]:
    """対応していないお知らせの件数 — for the first page of the security officer."""
    due = list(Notice.objects.filter(done_at=None).values_list("due_on", flat=True))
    return [due_by("対応していないお知らせ", due, reverse("office:notices"), timezone.localdate())]
