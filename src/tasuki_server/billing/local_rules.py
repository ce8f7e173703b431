# SPDX-License-Identifier: Apache-2.0
"""自院の地方公費 — the institution's own file of programmes, and the settings every copayment is computed under."""

from __future__ import annotations

from functools import lru_cache

from tasuki.calculation.copayment import CopaymentSettings
from tasuki.calculation.copayment.local_file import read_local_rules, steps_text, with_own_rules
from tasuki.calculation.copayment.local_programmes import LocalRule
from tasuki_server.audit.trail import record
from tasuki_server.billing.payer_models import LocalProgrammeFile

LONGEST = 500_000


def copayment_settings() -> CopaymentSettings:
    """窓口計算の設定 — the known programmes with those of the institution over them."""
    newest = LocalProgrammeFile.objects.current().order_by("-made_at").first()
    return CopaymentSettings() if newest is None else _settings(newest.text)


def own_programmes() -> list[tuple[LocalRule, str]]:
    """自院の制度 — the programmes of the newest file with their steps as written."""
    newest = LocalProgrammeFile.objects.current().order_by("-made_at").first()
    rules = () if newest is None else read_local_rules(newest.text.encode())
    return [(rule, steps_text(rule.steps)) for rule in rules]


@lru_cache(maxsize=16)
def _settings(text: str) -> CopaymentSettings:
    return CopaymentSettings(local_rules=with_own_rules(read_local_rules(text.encode())))


def keep_local_file(data: bytes, file: str = "") -> int:
    """制度ファイルの取込み — kept as a new version when every line is sound; gives the number of programmes.

    Raises :class:`tasuki.kernel.finding.BadInput` with every fault.
    """
    rules = read_local_rules(data, file)
    text = data.decode("utf-8-sig")
    newest = LocalProgrammeFile.objects.current().order_by("-made_at").first()
    if newest is None:
        row = LocalProgrammeFile(text=text, file=file[:120])
        row.save()
    else:
        row = newest.revise(
            read_version=newest.version, reason="制度ファイルの差替え", text=text, file=file[:120]
        )
    record("local_programmes.import", row, None, {"count": len(rules)})
    return len(rules)
