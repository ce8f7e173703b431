# SPDX-License-Identifier: Apache-2.0
"""架空の診療 — what brings people in: diseases, findings, and what is ordered; codes of the starter masters."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from tasuki.calculation.flags import Flag
from tasuki.chart.orders import Dispensing, Item, Order, OrderKind

OUT = Dispensing.OUTSIDE


@dataclass(frozen=True, slots=True)
class Story:
    """架空の診療 — one kind of visit; ``is_chronic`` begins before the month and comes again."""

    key: str
    ages: tuple[int, int]
    diseases: tuple[tuple[str, str], ...]
    soap: tuple[str, str, str, str]
    orders: tuple[Order, ...]
    flags: frozenset[str] = frozenset()
    is_chronic: bool = False
    second: tuple[Order, ...] = field(default=())


def _act(*items: tuple[str, str | None] | str, count: int = 1, site: str = "") -> Order:
    read = tuple(
        Item(each) if isinstance(each, str) else Item(each[0], Decimal(each[1]) if each[1] else None)
        for each in items
    )
    return Order("", OrderKind.ACT, read, count, site=site)


def _internal(days: int, usage: str, *drugs: tuple[str, str], at: Dispensing = OUT) -> Order:
    items = tuple(Item(code, Decimal(amount), is_generic_name=at is OUT) for code, amount in drugs)
    return Order("", OrderKind.INTERNAL, items, days, usage=usage, dispensing=at)


def _as_needed(times: int, usage: str, code: str, amount: str) -> Order:
    item = Item(code, Decimal(amount), is_generic_name=True)
    return Order("", OrderKind.AS_NEEDED, (item,), times, usage=usage, dispensing=OUT)


def _external(usage: str, code: str, amount: str) -> Order:
    item = Item(code, Decimal(amount), is_generic_name=True)
    return Order("", OrderKind.EXTERNAL, (item,), usage=usage, dispensing=OUT)


MORNING, TWICE, THRICE, NIGHT = "１日１回朝食後", "１日２回朝夕食後", "１日３回毎食後", "１日１回就寝前"
BLOOD = tuple(
    _act(code)
    for code in (
        "160008010", "160019210", "160019010", "160021110", "160021410", "160022510",
        "160022610", "160020410", "160020910", "160023410", "160167250", "160019310",
    )
)  # fmt: skip
XRAY = (_act(("170000410", "1"), ("170027910", "1"), site="胸部"),)
ECG = (_act("160068410"),)

# Short code, name and orders: what a doctor types most.
SETS = (
    (
        "kaze",
        "かぜ（成人5日分）",
        (
            _internal(5, THRICE, ("621472101", "6"), ("620374101", "6")),
            _as_needed(5, "発熱時", "620002023", "2"),
        ),
    ),
    ("seikatsu", "生活習慣病の採血", BLOOD),
    ("kyobu", "胸部写真と心電図", (*XRAY, *ECG)),
)

STORIES = (
    Story(
        "hypertension", (40, 99), (("8833421", "高血圧症"),),
        ("家庭血圧は朝130台。頭痛なし。", "血圧 134/78、脈拍 72 整。", "血圧の管理は良好。", "減塩と散歩を続ける。処方継続。"),
        (_internal(28, MORNING, ("620007870", "1"), ("622372201", "1")),),
        frozenset({Flag.GUIDANCE_GIVEN}), True, ECG,
    ),
    Story(
        "lipids", (40, 90), (("8844446", "脂質異常症"),),
        ("変わりなし。", "体重 62kg。", "ＬＤＬは目標内。", "食事の話。処方継続。採血。"),
        (_internal(28, MORNING, ("622588801", "1")), *BLOOD),
        frozenset({Flag.GUIDANCE_GIVEN, Flag.RESULTS_EXPLAINED_SAME_DAY}), True, (),
    ),
    Story(
        "diabetes", (40, 90), (("2500015", "２型糖尿病"), ("8833421", "高血圧症")),
        ("間食が減った。低血糖なし。", "血圧 128/70。足背動脈触知良好。", "ＨｂＡ１ｃ 6.8。", "内服を続ける。眼科受診を勧めた。"),
        (_internal(28, TWICE, ("622412701", "2")), _internal(28, MORNING, ("621951001", "1"), ("620007870", "1")),
         _act("160010010"), _act("160019410"), *BLOOD[:8]),
        frozenset({Flag.GUIDANCE_GIVEN}), True, (_act("160010010"), _act("160019410")),
    ),
    Story(
        "asthma", (6, 90), (("4939008", "気管支喘息"),),
        ("夜の咳は週１回。", "呼吸音清。", "管理は良好。", "吸入を続ける。"),
        (_external("１日２回吸入", "621950801", "1"), _internal(28, NIGHT, ("622588601", "1")),
         _act("160062610"), _act("160062710")),
        frozenset({Flag.GUIDANCE_GIVEN}), True, (),
    ),
    Story(
        "insomnia", (30, 90), (("8839792", "不眠症"), ("5351003", "慢性胃炎")),
        ("寝つきは改善。", "腹部平坦、軟。", "経過良好。", "処方継続。"),
        (_internal(28, NIGHT, ("622141901", "1")), _internal(28, THRICE, ("620009465", "3"))),
        frozenset(), True, (),
    ),
    Story(
        "knee", (50, 95), (("7153018", "変形性膝関節症"),),
        ("階段で右膝が痛い。", "右膝に軽い腫れ。", "変形性膝関節症。", "関節注射。湿布。"),
        (Order("", OrderKind.INJECTION, (Item("130005310"), Item("620894403", Decimal(1))), site="右膝"),
         _external("１日１回貼付", "620007813", "28")),
        frozenset(), True, (_act("140040310"),),
    ),
    Story(
        "cold", (7, 90), (("4659007", "急性上気道炎"),),
        ("昨日から咽頭痛、鼻汁。", "体温 37.4。咽頭発赤。呼吸音清。", "急性上気道炎。", "対症療法。水分をとる。"),
        (_internal(5, THRICE, ("621472101", "6"), ("620374101", "6")), _as_needed(5, "発熱時", "620002023", "2")),
    ),
    Story(
        "child_cold", (0, 6), (("4659007", "急性上気道炎"),),
        ("鼻汁と咳。食欲あり。", "体温 37.8。咽頭発赤。鼓膜正常。", "急性上気道炎。", "内服。再診の目安を説明。"),
        (_internal(5, THRICE, ("620384409", "9")), _as_needed(3, "38.5度以上のとき", "620072001", "1")),
    ),
    Story(
        "influenza", (3, 70), (("8842080", "インフルエンザＡ型"),),
        ("今朝から39度の発熱、関節痛。", "体温 38.9。咽頭発赤。", "迅速検査Ａ陽性。", "抗ウイルス薬。自宅療養。"),
        (_act("160169450"), _internal(5, TWICE, ("622638801", "2"))),
        frozenset({Flag.FEVER, Flag.RESULTS_EXPLAINED_SAME_DAY}),
    ),
    Story(
        "gastroenteritis", (5, 80), (("0091009", "急性胃腸炎"),),
        ("昨夜から下痢５回、嘔吐１回。", "腹部軟、腸音亢進。", "急性胃腸炎。", "点滴。整腸薬。"),
        (Order("", OrderKind.INJECTION, (Item("130009310"), Item("620007245", Decimal(2)))),
         _internal(4, THRICE, ("620000094", "9"))),
    ),
    Story(
        "wound", (5, 80), (("8796007", "挫創"),),
        ("転んで右下腿をけがした。", "右下腿に３ｃｍの挫創。", "挫創。", "洗浄、軟膏、被覆。"),
        (_act("140000610", ("620008993", "5"), site="右下腿"), _external("１日１回塗布", "620008993", "10")),
        frozenset(), False, (_act("140000610", ("620008993", "5"), site="右下腿"),),
    ),
    Story(
        "chest_pain", (30, 85), (("4139007", "狭心症"),),
        ("階段で胸が重い。数分で治まる。", "心雑音なし。", "狭心症の疑い。", "心電図、胸部写真、採血。"),
        (*ECG, *XRAY, *BLOOD[:6], _act("160072510")),
    ),
    Story(
        "pollen", (7, 70), (("4779004", "アレルギー性鼻炎"),),
        ("くしゃみ、鼻汁。", "鼻粘膜蒼白。", "アレルギー性鼻炎。", "抗ヒスタミン薬。"),
        (_internal(14, TWICE, ("622236601", "2")),),
    ),
    Story(
        "eczema", (0, 90), (("6923002", "湿疹"),),
        ("肘の内側がかゆい。", "両肘窩に紅斑。", "湿疹。", "外用。"),
        (_external("１日２回塗布", "662640423", "10"), _external("１日２回塗布", "620813503", "50")),
    ),
)  # fmt: skip
