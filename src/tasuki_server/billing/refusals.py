# SPDX-License-Identifier: Apache-2.0
"""会計の断り — why a bill was not written, in sentences for the page and with its status, said once for every page."""

from __future__ import annotations

from typing import NamedTuple

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki_server.billing.desk_input import BadAmount
from tasuki_server.billing.settle import ClosedMonth, MovedDraft
from tasuki_server.institutions.rows import StaleVersion

REFUSED = (BadAmount, BadInput, ClosedMonth, MovedDraft, StaleVersion)


class Refusal(NamedTuple):
    """断り — sentences to show, and the status: 409 when something moved meanwhile, else 422."""

    sentences: list[str]
    status: int = 422


def refusal_of(error: Exception) -> Refusal:
    """断りの文 — of one of :data:`REFUSED`; any other error is a bug and is raised again."""
    if isinstance(error, MovedDraft):
        return Refusal(
            [
                "この画面を開いたあとに、診療録・保険・同じ月の会計のどれかが変わりました。"
                f"今は{error.points:,}点、一部負担金{error.yen:,}円です。確かめてから、もう一度行ってください。"
            ],
            409,
        )
    if isinstance(error, StaleVersion):
        return Refusal(
            ["この画面を開いたあとに、ほかの人が会計を変えました。確かめてもう一度行ってください。"], 409
        )
    if isinstance(error, ClosedMonth):
        return Refusal(
            [
                f"{error.day:%Y年%m月}は締め済みです。レセプトの画面で理由を書いて締めを解いてから直してください。"
            ]
        )
    if isinstance(error, BadInput):
        return Refusal([sentence(each) for each in error.findings])
    if isinstance(error, BadAmount):
        return Refusal([str(error)])
    raise error
