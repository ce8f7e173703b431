# SPDX-License-Identifier: Apache-2.0
"""復旧 — from the third copy and the key in the safe to a clinic that writes again, in the order of the recovery plan."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from tasuki_server.drills.story import Side

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki_server.drills.ransom_attacked import Attacked
    from tasuki_server.drills.ransom_house import House
    from tasuki_server.recovery.carrying import LaterAct
    from tasuki_server.recovery.restoring import Restored


@dataclass(slots=True)
class Back:
    """復旧の結果 — what came back, what did not, and what was listed to be entered again."""

    restored: Restored
    later: list[LaterAct]
    lost_before: int = 0
    lost_after: int = 0
    listed: int = 0
    order: list[str] = field(default_factory=list)
    slips: int = 0
    faults: list[str] = field(default_factory=list)


def returned(house: House, done: Attacked, tell: Callable[[str], None]) -> Back:
    """復旧 — into a clean place; raises what the product raises when there is no way back."""
    from tasuki_server.database.session import connected
    from tasuki_server.recovery.proving import at_house, prove
    from tasuki_server.recovery.repository import Repository

    story, clean = done.story, house.places.elsewhere / "house"
    repository = Repository(house.places.elsewhere / "fetched")
    story.tell("fetch", Side.RECOVERY, "復旧を始める（金庫の復元の鍵、三つ目の控え、新しい機械）")
    fetched = house.keeper.copy.fetch_all(repository)
    story.tell("copies-back", Side.RECOVERY, f"三つ目の控えから {fetched} 個を引き取る")
    back = _restored(house, done, repository, clean)
    tell(f"restored to {back.restored.last_commit_at}, {len(back.later)} later events carried over")
    prove(back.restored, clean, house.places.witness)
    back.faults += back.restored.faults
    story.tell("proved", Side.RECOVERY, "検証（表の照合値、証人と一致する監査記録、索引、カルテの見読）")
    with at_house(clean), connected(with_owner=True):
        _compare(house, done, back)
        _renew(house, done, back)
        _write_again(house, done, back)
        _bill_and_masters(house, done, back)
    back.faults += _in_order(done, back)
    return back


def _restored(house: House, done: Attacked, repository: Any, clean: Path) -> Back:
    from tasuki_server.recovery.carrying import carry_trail
    from tasuki_server.recovery.clean_point import restore_clean

    restored = restore_clean(repository, house.key, clean, since=done.suspected_since)
    story = done.story
    story.tell(
        "clean", Side.RECOVERY,
        f"最後の清浄な時点（{_clock(restored.last_commit_at)}）まで復元。感染した控え {len(restored.infected)} 個を避ける",
    )  # fmt: skip
    later = carry_trail(repository, house.key, clean, restored)
    story.tell(
        "carried", Side.RECOVERY, f"その後の監査記録 {len(later)} 件を引き継ぎ、失われた行為の一覧を作る"
    )
    back = Back(restored, later)
    if restored.infected != [done.infected_base]:
        back.faults.append(f"感染した控えの見分けが違います（{restored.infected}）。")
    if not restored.damages:
        back.faults.append("書換えの痕が見つかりません。")
    return back


def _clock(at: Any) -> str:
    return f"{at.astimezone():%H:%M:%S}" if at is not None else "—"


def _compare(house: House, done: Attacked, back: Back) -> None:
    """What was acknowledged before the damage is there; what is not there was acknowledged after it, and is listed."""
    from tasuki_server.audit.checkpoints import checkpoint_in, origin_of
    from tasuki_server.audit.trail import verify_chain
    from tasuki_server.drills.write_load import TABLES, half_acts, lost

    with psycopg.connect(os.environ["TASUKI_OWNER_DATABASE_URL"]) as owner:
        owner.execute("SET ROLE NONE")
        gone = set(lost(owner, done.acts))
        scrambled = owner.execute(
            "SELECT count(*) FROM chart_note WHERE subjective = md5(id::text)"
        ).fetchone()
        half = half_acts(owner)
    # Events that were carried over tell of records that did not come back: that is the list, and no half act.
    carried = {"患者のない記録", "署名のない記録", "会計のない記録"}
    back.faults += [f"半端な行為: {name} {count} 件" for name, count in half.items() if name not in carried]
    if scrambled is None or scrambled[0]:
        back.faults.append(f"暗号化されたままの記録が {scrambled[0] if scrambled else '?'} 行あります。")
    back.lost_before = len(gone & done.acts_before)
    back.lost_after = len(gone - done.acts_before)
    listed = {
        (each.action, str(each.patient) if each.action == "patient.register" else each.subject_id)
        for each in back.later
        if each.is_to_be_entered_again
    }
    back.listed = sum((TABLES[each.kind][1], each.key) in listed for each in gone - done.acts_before)
    with house.cast.work("admin"):
        breaks = verify_chain(house.institution_id)[2]
        seen = house.witness.last(origin_of(house.institution_id))
    if breaks:
        back.faults.append(f"監査記録が {len(breaks)} か所で途切れています。")
    if seen is None or checkpoint_in(seen).size < len(back.later):
        back.faults.append("証人が監査記録を見ていません。")
    house.bring_trail()
    done.story.tell(
        "compared", Side.RECOVERY,
        f"応答済みの行為 {len(done.acts)} 件を照合: 書換えの前のもの {back.lost_before} 件欠け、後のもの {back.lost_after} 件は一覧のとおり",
    )  # fmt: skip


def _renew(house: House, done: Attacked, back: Back) -> None:
    """Nobody's old password, code or session opens the house that came back; new ones do."""
    from tasuki_server.accounts.models import User
    from tasuki_server.accounts.renewal import renew_everyone
    from tasuki_server.drills.people import a_browser, forget_limits
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.keys.rotation import begin, go_on

    with as_institution(house.institution_id, system_actor(house.institution_id)):
        slips = renew_everyone()
    begin(house.institution_id)
    rotated = go_on(house.institution_id)
    back.slips = len(slips)
    if rotated.broken or not rotated.retired:
        back.faults.append("項目の暗号化の鍵が入れ替わりません。")
    forget_limits()
    if done.old_session.get("/").status_code == 200:
        back.faults.append("攻撃者の古いセッションで入れます。")
    for slip in slips:
        user = User.objects.get(username=slip.username)
        if not user.must_change_password or not user.check_password(slip.password):
            back.faults.append(f"{slip.name} の新しいパスワードが使えません。")
    browser = a_browser()
    entered = browser.post("/accounts/login/", {"login": slips[0].username, "password": slips[0].password})
    if entered.status_code != 302:
        back.faults.append("新しいパスワードでサインインできません。")
    done.story.tell(
        "sign-in", Side.RECOVERY,
        f"職員 {len(slips)} 人のパスワードと二要素を入れ替え、全セッションと開封カードを無効に、項目の鍵を交換（{rotated.changed} 行）",
    )  # fmt: skip


def _write_again(house: House, done: Attacked, back: Back) -> None:
    """The paper comes in: received at the time it happened, signed now, both times kept; readings are entered in the trail."""
    from tasuki_server.chart.draft import hold_draft, save_texts
    from tasuki_server.chart.models import Note
    from tasuki_server.chart.sign import Checked, sign_draft
    from tasuki_server.downtime.merging import merge_folder
    from tasuki_server.patients.models import Patient
    from tasuki_server.reception.models import VisitState
    from tasuki_server.reception.receive import move_visit, receive_patient

    merged = list(merge_folder(house.institution, house.copy_folder))
    back.faults += [f"閲覧記録: {each.fault}" for each in merged if each.fault]
    if sum(each.new for each in merged) < len(done.opened):
        back.faults.append("停止中の閲覧が監査記録に入りません。")
    doctor = house.cast.staff["doctor"]
    for paper in done.paper:
        with house.cast.work("doctor"):
            patient = Patient.objects.get(number=paper.patient)
            visit = receive_patient(patient, _arrival(house, patient), paper.at)
            text = f"【停止中の紙の記録 {paper.at.astimezone():%Y-%m-%d %H:%M}】{paper.words}"
            texts = {"subjective": text, "objective": "", "assessment": "", "plan": ""}
            sign_draft(save_texts(hold_draft(visit, doctor), texts, read_stamp=None), doctor, Checked([], []))
            move_visit(visit.id, VisitState.TO_PAY)
    with house.cast.work("doctor"):
        written = Note.objects.filter(subjective__startswith="【停止中の紙の記録").count()
    if written != len(done.paper):
        back.faults.append(f"紙の記録 {len(done.paper)} 件のうち {written} 件しか入りません。")
    done.story.tell(
        "writing",
        Side.RECOVERY,
        f"記載を再開し、紙の記録 {written} 件と停止中の閲覧 {sum(each.new for each in merged)} 件を取り込む",
    )


def _arrival(house: House, patient: Any) -> Any:
    """With the card that was registered before the attack."""
    from tasuki_server.reception.receive import Arrival

    card, certificates = next(
        cards
        for each, cards in zip(house.cast.patients, house.cast.cards, strict=True)
        if each.id == patient.id
    )
    return Arrival(insurance_record=card, programme_records=certificates, is_eligibility_checked=True)


def _bill_and_masters(house: House, done: Attacked, back: Back) -> None:
    from django.utils import timezone

    from tasuki_server.audit.models import OutboxMessage
    from tasuki_server.masters_source import current_book
    from tasuki_server.patients.models import Patient
    from tasuki_server.reception.models import Visit

    with house.cast.work("clerk"):
        waiting = OutboxMessage.objects.filter(sent_at=None).count()
    done.story.tell(
        "gateways", Side.RECOVERY, f"送信待ち {waiting} 件を確かめる（送り出しは窓口が戻ってから）"
    )
    current_book().at(timezone.localdate())
    done.story.tell("masters", Side.RECOVERY, "マスターが今日の版で引ける")
    with house.cast.work("clerk"):
        patient = Patient.objects.get(number=done.paper[0].patient)
        visit = Visit.objects.filter(patient=patient).latest("arrived_at")
        house.cast.bill(visit, is_paid=True)
    done.story.tell("billing", Side.RECOVERY, "停止中の受診の会計を締める")


# Which moment of the story is the return of which system of the plan.
_RETURNS = {
    "viewer": "offline", "copies": "copies-back", "database": "proved", "sign-in": "sign-in", "care": "writing",
    "gateways": "gateways", "masters": "masters", "billing": "billing",
}  # fmt: skip


def _in_order(done: Attacked, back: Back) -> list[str]:
    """The computed order of the plan, and its times; the P3 of the plan are not brought back in a drill."""
    from tasuki.security.recovery_plan import Priority, order_of_return
    from tasuki_server.continuity.plan import starter_plan

    faults = []
    steps = [
        each.system
        for each in order_of_return(starter_plan()).steps
        if each.system.priority is not Priority.P3
    ]
    for system in steps:
        begin = "killed" if system.code == "viewer" else "fetch"
        seconds = done.story.between(begin, _RETURNS[system.code])
        back.order.append(
            f"{system.priority.value} {system.name} {seconds:.1f}秒（目標 {system.back_by_minutes}分）"
        )
        if system.back_by_minutes is not None and seconds > system.back_by_minutes * 60:
            faults.append(
                f"{system.name}に {seconds:.1f} 秒かかりました（復旧計画 {system.back_by_minutes} 分）。"
            )
    moments = [done.story.at(_RETURNS[each.code]) for each in steps if each.needs]
    if moments != sorted(moments):
        faults.append("復旧計画の順に戻っていません。")
    return faults
