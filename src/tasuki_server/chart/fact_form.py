# SPDX-License-Identifier: Apache-2.0
"""診療の数字の欄 — what stands in the fields beside the orders, read into values; a field that cannot be read says so."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tasuki.calculation.sentences import label
from tasuki.calculation.visit_questions import Question, visit_questions
from tasuki.chart.home_visit import HomePlan, HomeVisit, HomeVisitManner, Residence, SelfCare
from tasuki.kernel.finding import BadInput
from tasuki.masters.book import DayBook
from tasuki_server.chart.body_form import UnreadableBody, body_context, body_line, read_body
from tasuki_server.chart.draft import basket_of
from tasuki_server.chart.facts import VisitFacts, decode_facts, encode_facts, merge_facts
from tasuki_server.chart.models import Draft, Note
from tasuki_server.patients.birth_text import read_day
from tasuki_server.reception.models import Visit

MANNER_LABELS = {
    HomeVisitManner.CALLED: "往診",
    HomeVisitManner.PLANNED: "訪問診療",
    HomeVisitManner.REFERRED: "訪問診療（他の医療機関の求め）",
    HomeVisitManner.ONLINE: "情報通信機器を用いた診療（在宅診療計画）",
}
RESIDENCE_LABELS = {
    Residence.HOUSE: "居宅",
    Residence.FACILITY: "施設（施医総管の対象）",
    Residence.SHELTERED: "障害福祉サービスの施設・小規模多機能の宿泊",
}
PLAN_LABELS = {
    HomePlan.ONCE: "月1回",
    HomePlan.TWICE: "月2回以上",
    HomePlan.TWICE_WITH_ONLINE: "月2回以上（うち1回以上オンライン）",
    HomePlan.ONCE_WITH_ONLINE: "月1回（2月に1回オンライン）",
}
# Name of the field, its words, the most it takes.
HOME_COUNTS = (
    ("patients_that_day", label("patients_that_day"), 999),
    ("building_patients", label("building_patients"), 999),
    ("dwellings", "建物の戸数", 999),
    ("home_minutes", "訪問での診療時間（分）", 1440),
    ("travel_yen", "交通費（円・保険外）", 99_999_999),
)
HOME_TICKS = (
    ("shares_household", "同じ世帯に患者が2人以上いる"),
    ("is_second_in_household", "この世帯の2人目以降として診た"),
    ("is_attached", "医療機関が施設に併設・隣接している"),
    ("is_over_16_km", "16kmを超える"),
)
SELF_CARE_COUNTS = (
    ("injections_a_month", label("injections_a_month"), 999),
    ("glucose_tests_a_month", "当月に指示した血糖測定の回数", 999),
    ("months_supplied", "材料を渡す月数（1〜3）", 3),
)
CPAP_MONTHS = 12
MINUTES = ("minutes", "医師の診療に要した時間（分）", 1440)


class UnreadableFact(ValueError):
    """読めない数字 — says in Japanese which field wants what."""

    @property
    def told(self) -> str:
        """伝える文 — as the page shows it."""
        return str(self)


def keep_posted_facts(draft: Draft, given: Mapping[str, str]) -> bool:
    """診療の数字の受取り — what this window changed goes onto the draft; raises :class:`UnreadableFact`.

    ``facts_base`` is what the window showed: a field nobody touched there never undoes what another window wrote.
    False when the page carried no fields or nothing differs.
    """
    if "facts_base" not in given:
        return False
    said = encode_facts(read_facts(given, draft.visit.day))
    merged = merge_facts(_base(given["facts_base"]), said, draft.facts)
    if merged == draft.facts:
        return False
    draft.facts = merged
    return True


def read_facts(given: Mapping[str, str], day: date) -> VisitFacts:
    """診療の数字の読取り — raises :class:`UnreadableFact` for what is no number or day in its range."""
    minutes = _count(given, *MINUTES)
    try:
        body = read_body(given, day)
    except UnreadableBody as error:
        raise UnreadableFact(str(error)) from error
    return VisitFacts(minutes, _home(given), _self_care(given), body)


def fact_context(visit: Visit, draft: Draft, book: DayBook, warned: Iterable[str] = ()) -> dict[str, Any]:
    """診療の数字の欄の内容 — each part stands open when an order or a warning asks for it or something is kept in it."""
    facts = decode_facts(draft.facts)
    asked = visit_questions(visit.department, basket_of(draft).orders, book)
    home, care = facts.home, facts.self_care
    homes, cares = last_facts(visit, "home"), last_facts(visit, "self_care")
    bodies = last_facts(visit, "body") if facts.body is None else None
    return {
        "facts_base": json.dumps(draft.facts, ensure_ascii=False),
        "fact_minutes": {
            "value": facts.minutes,
            "is_asked": Question.MINUTES in asked,
            "is_open": Question.MINUTES in asked or facts.minutes is not None,
        },
        "fact_home": {
            "is_asked": Question.HOME in asked,
            "is_kept": home is not None,
            "previous": homes.visit.day if homes is not None and home is None else None,
            "is_open": Question.HOME in asked or home is not None,
            "manners": _choices(MANNER_LABELS, home and home.manner),
            "residences": _choices(RESIDENCE_LABELS, home.residence if home else Residence.HOUSE),
            "plans": _choices(PLAN_LABELS, home and home.plan),
            "prescription": "" if home is None or home.is_prescription_given is None
            else "yes" if home.is_prescription_given else "no",
            "counts": [(name, text, _shown(home, _member(name))) for name, text, _ in HOME_COUNTS],
            "ticks": [(name, text, bool(home and getattr(home, name))) for name, text in HOME_TICKS],
            "discharged_on": home.discharged_on if home else None,
        },
        "fact_care": {
            "is_asked": Question.SELF_CARE in asked,
            "is_kept": care is not None,
            "previous": cares.visit.day if cares is not None and care is None else None,
            "is_open": Question.SELF_CARE in asked or care is not None,
            "counts": [(name, text, _shown(care, name)) for name, text, _ in SELF_CARE_COUNTS],
            "since": care.injections_since if care else None,
            "since_label": label("injections_since"),
            "cpap": " ".join(str(each) for each in care.cpap_minutes_a_day) if care else "",
        },
        "fact_body": body_context(
            facts.body, bodies.visit.day if bodies else None, visit.patient.person().sex, warned
        ),
    }  # fmt: skip


# What changes from visit to visit is asked again.
OF_ONE_VISIT = frozenset(
    (
        "patients_that_day", "minutes", "is_second_in_household", "is_prescription_given", "cpap_minutes_a_day",
        "is_pregnant", "is_lactating",
    )
)  # fmt: skip


def last_facts(visit: Visit, part: str) -> Note | None:
    """前回の記録 — the newest signed note of an earlier visit that has this part, None when there is none."""
    rows = Note.objects.latest_versions().filter(  # type: ignore[attr-defined]
        patient_id=visit.patient_id, visit__arrived_at__lt=visit.arrived_at, facts__has_key=part
    )
    return rows.select_related("visit").order_by("-visit__arrived_at").first()  # type: ignore[no-any-return]


def take_last_facts(draft: Draft, visit: Visit, part: str) -> bool:
    """前回と同じ — onto the draft what does not change from visit to visit; False when nothing was kept before."""
    note = last_facts(visit, part)
    if note is None:
        return False
    kept = {name: value for name, value in note.facts[part].items() if name not in OF_ONE_VISIT}
    draft.facts = {**draft.facts, part: kept}
    return True


def fact_lines(said: Draft | Note | None) -> list[str]:
    """診療の数字の文 — one line a part, for the signed note and its versions."""
    if said is None:
        return []
    facts = decode_facts(said.facts)
    lines = [] if facts.minutes is None else [f"診療時間: {facts.minutes}分"]
    if (home := facts.home) is not None:
        parts = [MANNER_LABELS[home.manner], RESIDENCE_LABELS[home.residence]]
        parts += [PLAN_LABELS[home.plan]] if home.plan else []
        parts += [
            f"{text} {_shown(home, _member(name))}"
            for name, text, _ in HOME_COUNTS
            if _shown(home, _member(name))
        ]
        parts += [text for name, text in HOME_TICKS if getattr(home, name)]
        if home.is_prescription_given is not None:
            parts.append("院外処方箋あり" if home.is_prescription_given else "院外処方箋なし")
        parts += [f"退院日 {home.discharged_on}"] if home.discharged_on else []
        lines.append("訪問: " + "、".join(parts))
    if (care := facts.self_care) is not None:
        parts = [f"{text} {_shown(care, name)}" for name, text, _ in SELF_CARE_COUNTS if _shown(care, name)]
        parts += [f"{label('injections_since')} {care.injections_since}"] if care.injections_since else []
        minutes = "・".join(str(each) for each in care.cpap_minutes_a_day)
        parts += [f"CPAPの1日平均（分） {minutes}"] if minutes else []
        lines.append("自己管理: " + "、".join(parts))
    if facts.body is not None:
        lines.append(body_line(facts.body))
    return lines


def _home(given: Mapping[str, str]) -> HomeVisit | None:
    manner = given.get("manner", "")
    if not manner:
        return None
    try:
        prescription = given.get("prescription", "")
        counts = {_member(name): _count(given, name, text, most) for name, text, most in HOME_COUNTS}
        return HomeVisit(
            manner=HomeVisitManner(manner),
            residence=Residence(given.get("residence") or Residence.HOUSE),
            plan=HomePlan(given["plan"]) if given.get("plan") else None,
            is_prescription_given={"yes": True, "no": False}.get(prescription),
            discharged_on=_day(given, "discharged_on", "退院日"),
            **{name: given.get(name) == "yes" for name, _ in HOME_TICKS},
            **{**counts, "travel_yen": counts["travel_yen"] or 0},
        )
    except UnreadableFact:
        raise
    except ValueError as error:
        raise UnreadableFact("訪問の区分を選び直してください。") from error


def _self_care(given: Mapping[str, str]) -> SelfCare | None:
    counts = {name: _count(given, name, text, most) for name, text, most in SELF_CARE_COUNTS}
    months = counts.pop("months_supplied")
    words = _folded(given.get("cpap", "")).replace("・", " ").replace(",", " ").split()
    cpap = tuple(_number(each, "CPAPの1日平均（分）", 1440, least=0) for each in words[-CPAP_MONTHS:])
    care = SelfCare(
        **counts,
        injections_since=_day(given, "injections_since", label("injections_since")),
        months_supplied=months or 1,
        cpap_minutes_a_day=cpap,
    )
    return None if care == SelfCare() else care


def _member(name: str) -> str:
    return "minutes" if name == "home_minutes" else name


def _shown(value: HomeVisit | SelfCare | None, name: str) -> str:
    number = None if value is None else getattr(value, name)
    is_default = (
        number is None or (name == "travel_yen" and not number) or (name == "months_supplied" and number == 1)
    )
    return "" if is_default else str(number)


def _choices(labels: Mapping[Any, str], chosen: Any) -> list[tuple[str, str, bool]]:
    return [(each.value, text, each == chosen) for each, text in labels.items()]


def _count(given: Mapping[str, str], name: str, text: str, most: int) -> int | None:
    folded = _folded(given.get(name, ""))
    return _number(folded, text, most) if folded else None


def _number(folded: str, text: str, most: int, least: int = 1) -> int:
    if not folded.isdecimal() or len(folded) > 8 or not least <= int(folded) <= most:
        raise UnreadableFact(f"「{text}」は{least}から{most}までの数字で入れてください。")
    return int(folded)


def _day(given: Mapping[str, str], name: str, text: str) -> date | None:
    written = given.get(name, "").strip()
    day = read_day(written) if written else None
    if written and day is None:
        raise UnreadableFact(f"「{text}」は日付で入れてください（例 2026-06-01、R8.6.1）。")
    return day


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _base(text: str) -> dict[str, Any]:
    try:
        stored = json.loads(text)
        return encode_facts(decode_facts(stored)) if isinstance(stored, dict) else {}
    except (ValueError, BadInput, AttributeError, TypeError):
        return {}
