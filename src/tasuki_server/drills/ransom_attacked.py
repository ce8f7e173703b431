# SPDX-License-Identifier: Apache-2.0
"""攻撃と初動 — the attack while people work, what the watch sees, what people do, and charts without the server."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from tasuki_server.drills.drill import Tier
from tasuki_server.drills.ransom_attack import (
    ELSEWHERE,
    Reading,
    erase_trail,
    lock_files,
    read_charts,
    scramble_records,
)
from tasuki_server.drills.story import Side, Story

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from uuid import UUID

    from tasuki_server.drills.ransom_house import House
    from tasuki_server.drills.write_load import Acknowledged

# Charts that staff open while nothing runs, and what they write on paper meanwhile.
OPENED = {Tier.PUSH: 5, Tier.LONG: 20}
PAPER = {Tier.PUSH: 3, Tier.LONG: 12}
MOST_READ = 400
# How long people work before the attack, and unknowingly on after the first damage.
WORK_SECONDS = {Tier.PUSH: (2.0, 4.0), Tier.LONG: (20.0, 40.0)}
SLOWEST_CHART = 2.0
# One of each kind at push; the drill of the third copy makes all of them each time.
PUSH_ATTACKS = (
    "method_delete", "delete_everything", "overwrite_signed", "overwrite_manifest", "path_up", "smuggled_request",
    "fakes_for_the_keep_rule", "clock_forward", "files_remove", "files_write", "files_rename", "keeper_kill",
)  # fmt: skip


class PaperNote(NamedTuple):
    """紙の記録 — written while nothing runs: whose chart, when, and what."""

    patient: int
    at: datetime
    words: str


@dataclass(slots=True)
class Attacked:
    """攻撃を受けた後 — everything the clinic and the drill know when recovery begins."""

    story: Story
    reading: Reading = field(default_factory=lambda: Reading(0, is_stopped=False))
    acts: set[Acknowledged] = field(default_factory=set)
    acts_before: set[Acknowledged] = field(default_factory=set)
    scrambled: int = 0
    locked: int = 0
    tried: int = 0
    succeeded: list[str] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    paper: list[PaperNote] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    suspected_since: datetime | None = None
    clean_base: str = ""
    infected_base: str = ""
    old_session: Any = None
    incident: UUID | None = None
    faults: list[str] = field(default_factory=list)


def attacked(house: House, tier: Tier, chosen: random.Random, tell: Callable[[str], None]) -> Attacked:
    """攻撃と初動 — until everything of the house is gone and people work on paper."""
    from tasuki_server.recovery.manifest import Manifest, bases

    done = Attacked(Story())
    code = house.begin()
    done.clean_base = next(
        each.base for each in bases(house.repository, house.key.signer) if isinstance(each, Manifest)
    )
    house.load.begin()
    if house.load.wait_for_one(90) is None:
        done.faults.append("書込みが受け付けられません。")
    time.sleep(chosen.uniform(*WORK_SECONDS[tier]))
    done.story.tell("work", Side.CLINIC, f"診療中（{house.load.count()}件の行為に応答済み）")
    _intrude(house, done)
    tell(f"{done.reading.opened} charts read, stopped: {done.reading.is_stopped}")
    _damage(house, done, tier, chosen)
    _contain(house, done)
    tell("contained")
    _attack_copies(house, done, tier)
    _destroy(house, done)
    tell(f"{done.locked} files locked, server killed")
    _read_offline(house, done, code, tier)
    tell(f"{len(done.opened)} charts read without server")
    return done


def _intrude(house: House, done: Attacked) -> None:
    """The clerk's sign-in, from elsewhere; the watch looks at the trail meanwhile as it always does."""
    from tasuki_server.drills.people import entered
    from tasuki_server.watch.models import Alert

    house.copy_charts()
    house.bring_trail()
    browser = entered(house.user("clerk"), REMOTE_ADDR=ELSEWHERE)
    done.old_session = browser
    done.suspected_since = done.story.tell(
        "first-read", Side.ATTACKER, "盗んだサインイン（医事課）で、患者番号の順にカルテを開き始める"
    ).at

    def tend() -> None:
        house.watch()
        if not done.story.has("detected"):
            with house.cast.work("admin"):
                found = list(Alert.objects.filter(closed_at=None, severity="urgent").order_by("raised_at"))
            if found:
                done.alerts = [each.rule for each in found]
                done.story.tell(
                    "detected", Side.DETECTION, f"見張りが検知（{'、'.join(_titles(done.alerts))}）"
                )

    done.reading = read_charts(browser, MOST_READ, tend)
    if not done.story.has("detected"):
        done.faults.append("大量閲覧が検知されません。")
        done.story.tell("detected", Side.DETECTION, "検知されない")
    if not done.reading.is_stopped:
        done.faults.append("攻撃者のセッションが終わりません。")
    done.story.tell(
        "stopped",
        Side.DETECTION,
        f"おとりカルテに触れたセッションを自動で終了（それまでに {done.reading.opened} 人分を閲覧）",
    )


def _titles(rules: list[str]) -> list[str]:
    from tasuki.security.misuse.sentences import TEXTS

    return [TEXTS[each].title for each in dict.fromkeys(rules)]


def _damage(house: House, done: Attacked, tier: Tier, chosen: random.Random) -> None:
    """With every right over the database; people go on working, and the night's backup is taken of scrambled records."""
    done.acts_before = set(house.load.acknowledged())
    with psycopg.connect(house.receiver.admin, autocommit=True) as owner:
        done.scrambled = scramble_records(owner)
    done.story.tell(
        "damaged",
        Side.ATTACKER,
        f"データベースの管理者権限で記録 {done.scrambled} 行を暗号化（監査記録は残らない）",
    )
    done.infected_base = house.back_up().base
    done.story.tell("infected", Side.CLINIC, "予定の控えが、書き換えられた後の状態で取られる（感染した控え）")
    time.sleep(chosen.uniform(*WORK_SECONDS[tier]) / 2)


def _contain(house: House, done: Attacked) -> None:
    """One click each: the account, and all writing; then the log leaves the house."""
    from tasuki_server.drills.people import entered
    from tasuki_server.watch.incidents import incident_from
    from tasuki_server.watch.models import Alert

    admin = entered(house.user("admin"))
    with house.cast.work("admin"):
        alert = (
            Alert.objects.filter(closed_at=None, severity="urgent", staff__isnull=False)
            .order_by("raised_at")
            .first()
        )
    if alert is None:
        done.faults.append("封じ込めの相手が分かりません。")
        return
    done.story.tell("decided", Side.RESPONSE, "管理者が封じ込めを決める（人の判断の時間は訓練に含まない）")
    answers = [
        admin.post(
            "/watch/containment/begin/",
            {"kind": "account", "alert": str(alert.id), "reason": "訓練: 盗まれた利用者"},
        ),
        admin.post(
            "/watch/containment/begin/", {"kind": "read_only", "reason": "訓練: ランサムウェアの疑い"}
        ),
    ]
    if [each.status_code for each in answers] != [302, 302]:
        done.faults.append(f"封じ込めができません（{[each.status_code for each in answers]}）。")
    done.story.tell("contained", Side.RESPONSE, "盗まれた利用者を停止し、全体を閲覧専用モードにする")
    _wait_for_stillness(house, done)
    house.bring_trail()
    sent = house.send()
    done.story.tell("sent", Side.RESPONSE, f"その時までの記録を三つ目の控えへ送り出す（{len(sent)} 個）")
    # Its keeper goes on each minute; charts that nobody acted on stay as they were written before.
    house.copy_charts()
    with house.cast.work("admin"):
        done.incident = incident_from(Alert.objects.get(pk=alert.pk)).id
    done.story.tell("incident", Side.RESPONSE, "インシデントを開く（速報・確報の期限が動き始める）")


def _wait_for_stillness(house: House, done: Attacked) -> None:
    """People at the pages meet 423 and turn to paper; nothing is acknowledged after that."""
    deadline, last = time.monotonic() + 20, -1
    while time.monotonic() < deadline:
        now = house.load.count()
        if now == last:
            break
        last = now
        time.sleep(1.0)
    house.load.kill()
    done.acts = set(house.load.acknowledged())
    done.story.tell("paper", Side.DOWNTIME, "書込みが断られ、紙の運用に切り替える")


def _attack_copies(house: House, done: Attacked, tier: Tier) -> None:
    """With the house's token, signing key and user; then the trail and the tables go."""
    from tasuki_server.drills.immutable import sums_of
    from tasuki_server.drills.immutable_attacks import ATTACKS, Attacker
    from tasuki_server.recovery.manifest import read_manifest

    manifest = read_manifest(house.repository, done.clean_base, house.key.signer)
    attacker = Attacker(
        house.keeper.port, house.keeper.process, house.keeper.user, house.places.kept, house.repository,
        house.key.public, manifest,
    )  # fmt: skip
    before = sums_of(house.places.kept)
    for name in ATTACKS if tier is Tier.LONG else PUSH_ATTACKS:
        answer = ATTACKS[name](attacker)
        if answer is None:
            continue
        done.tried += 1
        now = sums_of(house.places.kept)
        if answer or any(now.get(each) != digest for each, digest in before.items()):
            done.succeeded.append(name)
    done.story.tell(
        "copies", Side.ATTACKER,
        f"手元の合言葉・署名鍵・権限で三つ目の控えを {done.tried} 通りに攻撃（成功 {len(done.succeeded)}）",
    )  # fmt: skip
    with psycopg.connect(house.receiver.admin, autocommit=True) as owner:
        owner.execute("SET synchronous_commit = local")
        erase_trail(owner)
    done.story.tell("erased", Side.ATTACKER, "監査記録を消し、カルテと会計の表を捨てる")


def _destroy(house: House, done: Attacked) -> None:
    import signal

    from tasuki_server.database.session import leave
    from tasuki_server.drills.crash import kill_server

    leave()
    house.receiver.stop(signal.SIGKILL)
    kill_server(house.places.data)
    done.story.tell("killed", Side.ATTACKER, "サーバを強制終了")
    done.locked = lock_files(house.places.data / "postgresql", house.places.second_disk)
    done.story.tell(
        "locked",
        Side.ATTACKER,
        f"データのディスクと二つ目のディスクの {done.locked} ファイルを暗号化（脅迫文）",
    )


def _read_offline(house: House, done: Attacked, code: str, tier: Tier) -> None:
    """At the reception's terminal: a process with the copy and a card, and neither server, network nor secrets."""
    from tasuki_server.drills.viewer import walk_offline

    numbers = house.patient_numbers(OPENED[tier])
    walked = walk_offline(house.copy_folder, house.cast.staff["doctor"].id, code, numbers)
    if walked["opened"]["status"] != 200:
        done.faults.append(f"停止時の写しが開きません（{walked['opened']['status']}）。")
    done.story.tell(
        "offline", Side.DOWNTIME,
        f"停止時ビューアで {len(numbers)} 人のカルテを開く（サーバなし、網{'なし' if walked['is_cut'] else 'は切れない環境'}）",
    )  # fmt: skip
    for number in numbers:
        seen = walked["charts"].get(str(number), {"status": 0, "seconds": 0.0, "text": ""})
        if seen["status"] != 200 or seen["seconds"] > SLOWEST_CHART:
            done.faults.append(f"患者 {number} のカルテが2秒以内に開きません（{seen['status']}）。")
        else:
            done.opened.append(round(seen["seconds"], 3))
    for number in house.patient_numbers(PAPER[tier]):
        done.paper.append(
            PaperNote(
                number, datetime.now(UTC), f"停止中の診察の記録（患者番号 {number}）。咽頭痛、解熱剤を処方。"
            )
        )
    done.story.tell("paper-kept", Side.DOWNTIME, f"停止中の診察 {len(done.paper)} 件を、時刻を添えて紙に書く")
