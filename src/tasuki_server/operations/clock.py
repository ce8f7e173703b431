# SPDX-License-Identifier: Apache-2.0
"""時刻同期の状態 — what the kernel knows of its clock, asked without any right.

Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 17.③（時刻同期）、非機能要求グレード C.1.4.1
"""

from __future__ import annotations

import ctypes
import sys
from typing import NamedTuple

_UNSYNCHRONISED = 0x0040
_ERROR = 5


class _Timex(ctypes.Structure):
    """The head of ``struct timex`` (adjtimex(2)); the rest is room the kernel may write to."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


class Clock(NamedTuple):
    """時計の状態 — whether it follows a time source, and the largest error in seconds; None where that cannot be asked."""

    is_synchronised: bool | None
    largest_error: float | None


def kernel_clock() -> Clock:
    """カーネルの時計 — of Linux; elsewhere nothing is known."""
    if not sys.platform.startswith("linux"):
        return Clock(None, None)
    asked = _Timex()
    answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(asked))
    if answer < 0:
        return Clock(None, None)
    is_synchronised = answer != _ERROR and not asked.status & _UNSYNCHRONISED
    return Clock(is_synchronised, asked.maxerror / 1_000_000)
