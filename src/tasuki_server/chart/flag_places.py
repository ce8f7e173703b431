# SPDX-License-Identifier: Apache-2.0
"""申告事実を聞く所 — who is asked for the facts that only a human knows.

Their words are the library's (``tasuki.calculation.sentences.label``), so that the box to tick
and the advice on the bill say the same.
"""

from __future__ import annotations

from tasuki.calculation.flags import Flag

# 受付で聞くこと、診察で分かること: every flag is asked in exactly one place.
AT_RECEPTION = (
    Flag.MYNA_CARD_USED,
    Flag.FEVER,
    Flag.SECOND_DEPARTMENT,
    Flag.STATEMENT_DECLINED,
    Flag.FAMILY_CAME,
    Flag.ONLINE,
    Flag.EMERGENCY_CALL,
    Flag.TIME_ADDITION_DECLINED,
)
IN_THE_ROOM = tuple(flag for flag in Flag if flag not in AT_RECEPTION)
