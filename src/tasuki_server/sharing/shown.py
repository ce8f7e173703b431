# SPDX-License-Identifier: Apache-2.0
"""画面に出す形 — units, items and findings as pages show them, each fault with the place where it is repaired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.urls import reverse

from tasuki.kernel.finding import Severity
from tasuki_server.reception.models import Visit
from tasuki_server.sharing.checking import Told
from tasuki_server.sharing.flags import ALLOWED, LABELS
from tasuki_server.sharing.models import RecordFlags, SharedItem, SharedUnit, Subject, UnitKind, UnitState
from tasuki_server.sharing.planning import Planned

MARKS = {
    Severity.BLOCK: ("bad", "✕ 誤り"),
    Severity.CONFIRM: ("warn", "△ 確認"),
    Severity.ADVICE: ("idle", "情報"),
}


class ShownFinding(NamedTuple):
    """表示する指摘 — its words, its mark and colour, what it is about, and where it is repaired."""

    text: str
    code: str
    mark: str
    colour: str
    about: str
    address: str
    link: str


@dataclass(frozen=True, slots=True)
class ShownItem:
    """表示する項目 — one record with its flags, its findings, and whether it is gone from the chart."""

    title: str
    subject: Subject
    record_id: UUID
    flags: RecordFlags | None
    choices: tuple[tuple[str, str, bool], ...]
    findings: tuple[ShownFinding, ...]
    is_removed: bool = False

    @property
    def version(self) -> int:
        """印の版 — 0 where there are none yet."""
        return self.flags.version if self.flags is not None else 0


@dataclass(frozen=True, slots=True)
class ShownUnit:
    """表示する単位 — what would be sent now beside what was sent last."""

    kind: UnitKind
    title: str
    items: tuple[ShownItem, ...]
    findings: tuple[ShownFinding, ...]
    unit: SharedUnit | None
    is_stale: bool
    fault_count: int

    @property
    def colour(self) -> str:
        """状態の色."""
        return state_mark(self.unit)[0]

    @property
    def mark(self) -> str:
        """状態の印と言葉."""
        return state_mark(self.unit)[1]


def state_mark(unit: SharedUnit | None) -> tuple[str, str]:
    """状態の印 — colour and words; a sign stands before the words, colour is never alone."""
    if unit is None:
        return "idle", "… 署名待ち"
    match unit.state:
        case UnitState.DONE:
            return "good", "✓ 送信済"
        case UnitState.FAULTY:
            return "bad", "✕ 誤りあり（送りません）"
        case UnitState.REFUSED:
            return "bad", "✕ 差し戻し"
        case UnitState.SENT:
            return "idle", "… 回答待ち"
        case UnitState.DROPPED:
            return "idle", "― 差替え"
    return "idle", "… 未送信"


def shown_planned(planned: Planned, unit: SharedUnit | None, visit: Visit) -> ShownUnit:
    """予定の単位の表示."""
    items = planned.wanted.items
    told = planned.checked.told
    shown = tuple(
        ShownItem(
            item.title,
            item.subject,
            item.record_id,
            item.flags,
            tuple(
                (name, LABELS[name], bool(item.flags and getattr(item.flags, name)))
                for name in ALLOWED[item.subject]
            ),
            tuple(_shown(each, visit, item.subject, item.record_id) for each in told if each.place == place),
        )
        for place, item in enumerate(items)
    )
    rest = tuple(_shown(each, visit) for each in told if each.place < 0)
    is_stale = unit is not None and (
        unit.content != planned.mark or unit.state in (UnitState.FAULTY, UnitState.REFUSED)
    )
    faults = sum(each.severity == Severity.BLOCK for each in told)
    title = planned.wanted.kind.label
    return ShownUnit(planned.wanted.kind, title, shown, rest, unit, is_stale, faults)


def shown_findings(unit: SharedUnit) -> list[ShownFinding]:
    """控えた指摘の表示 — of a unit as it was checked."""
    items = {row.place: row for row in unit.items.all()}
    found = []
    for kept in unit.findings:
        told = Told(**kept)
        row = items.get(told.place)
        subject = Subject(row.subject) if row is not None and row.subject else None
        shown = _shown(told, unit.visit, subject, row.of_record if row is not None else None)
        found.append(shown._replace(about=row.title if row is not None else shown.about))
    return found


def shown_items(unit: SharedUnit) -> list[dict[str, Any]]:
    """控えた項目の表示 — each resource of the unit with its state."""
    colour, mark = state_mark(unit)
    faults = {kept["place"] for kept in unit.findings if kept["severity"] == Severity.BLOCK}
    rows = []
    for row in unit.items.order_by("place"):
        own = (colour, mark)
        if unit.state == UnitState.FAULTY and row.place not in faults and any(place >= 0 for place in faults):
            own = ("idle", "… 同じ単位の誤りを待つ")
        rows.append({"row": row, "colour": own[0], "mark": own[1], "resource": _resource(row, unit)})
    return rows


def _resource(row: SharedItem, unit: SharedUnit) -> str:
    names = {
        Subject.DISEASE: "Condition",
        Subject.ALLERGY: "AllergyIntolerance",
        Subject.RESULT: "Observation",
    }
    return names.get(Subject(row.subject), "") if row.subject else unit.get_kind_display()


def _shown(
    told: Told, visit: Visit, subject: Subject | None = None, record_id: UUID | None = None
) -> ShownFinding:
    colour, mark = MARKS[Severity(told.severity)]
    about, address, link = _place(told, visit, subject, record_id)
    return ShownFinding(told.text, told.code, mark, colour, about, address, link)


def _place(told: Told, visit: Visit, subject: Subject | None, record_id: UUID | None) -> tuple[str, str, str]:
    chart = reverse("chart:visit", args=[visit.id])
    match told.about:
        case "item" if subject is Subject.DISEASE:
            return "病名", f"{chart}#dx-{record_id}", "カルテの病名へ"
        case "item" if subject is Subject.ALLERGY:
            return (
                "アレルギー",
                reverse("patients:allergy_new", args=[visit.patient.number]),
                "アレルギーの記録へ",
            )
        case "item" if subject is Subject.RESULT:
            return "検査", f"{reverse('sharing:results', args=[visit.id])}#result-{record_id}", "検査結果へ"
        case "code":
            return "", reverse("sharing:codes"), "コード対応へ"
        case "patient":
            return "患者", reverse("patients:revise", args=[visit.patient.number]), "患者登録へ"
        case "visit":
            return "受付", reverse("reception:change", args=[visit.id]), "受付の内容へ"
        case "document":
            return "文書", "", ""
    return "医療機関", reverse("institutions:facility"), "施設の設定へ"
