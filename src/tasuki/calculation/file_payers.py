# SPDX-License-Identifier: Apache-2.0
"""受診ファイルの支払者 — what of the payers of a file cannot be, and the coverage and account they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.payers import PayerSettings, price_lines
from tasuki.calculation.payers.payers_wire import charge_findings, contract_findings, priced, settings_of
from tasuki.chart.coverage import HEALTH_KINDS
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.messages import register

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.calculation.payers import PricedLine, VisitAccount
    from tasuki.calculation.statement import Statement
    from tasuki.calculation.visit_wire import InsuranceWire, VisitFile, VisitRequest

register(
    {
        "calculation.payer_named_twice": "支払者の id {id} が二度あります（id を省いた支払者は種別が id になります）。",
        "calculation.second_health": "一つの受診で医療保険は一つだけです。月の途中で変わった保険は別の受診にしてください。",
        "calculation.payer_missing": "支払者 {id} は insurance にも payers.others にもありません。",
    }
)


class FilePayers(NamedTuple):
    """支払者の求め — the contracts and own prices a file brings; None in a case: one payer, points alone."""

    settings: PayerSettings
    charges: tuple[PricedLine, ...]


class FileAccount(NamedTuple):
    """受診ファイルの会計 — the statement of the main part, the account of every payer, and what has its own price."""

    statement: Statement
    account: VisitAccount | None = None
    charges: tuple[PricedLine, ...] = ()


def file_payers(wire: VisitFile | VisitRequest) -> FilePayers | None:
    """支払者の求め — of a file found sound; None where it asks for points alone."""
    if wire.payers is None:
        return None
    charges = price_lines(priced(wire.payers.charges))
    return FilePayers(settings_of(wire.payers.contracts), charges)


def payer_findings(wire: VisitFile | VisitRequest) -> Iterator[Finding]:
    """支払者の指摘 — payers named twice, an order of a payer who is none, prices that cannot be."""
    own = None if wire.insurance is None else wire.insurance
    known = {"" if own is None else _key(own), ""}
    if wire.payers is not None:
        has_health = own is None or own.kind in HEALTH_KINDS
        for index, one in enumerate(wire.payers.others):
            place = f"payers.others[{index}]"
            if _key(one) in known:
                yield _finding("CAL-0131", "payer_named_twice", f"{place}.id", id=_key(one))
            if one.kind in HEALTH_KINDS and has_health:
                yield _finding("CAL-0132", "second_health", f"{place}.kind")
            has_health = has_health or one.kind in HEALTH_KINDS
            known.add(_key(one))
        if wire.payers.fee_payer not in known:
            yield _finding("CAL-0133", "payer_missing", "payers.fee_payer", id=wire.payers.fee_payer)
        yield from contract_findings(wire.payers.contracts, "payers.contracts")
        yield from charge_findings(wire.payers.charges, "payers.charges")
    for index, order in enumerate(wire.orders):
        if order.payer not in known:
            yield _finding("CAL-0133", "payer_missing", f"orders[{index}].payer", id=order.payer)


def _key(wire: InsuranceWire) -> str:
    return wire.id or wire.kind.value


def _finding(code: str, key: str, path: str, /, **given: object) -> Finding:
    return Finding(code, Severity.BLOCK, Where(field=path), f"calculation.{key}", given)
