# SPDX-License-Identifier: Apache-2.0
"""管理策台帳 — what guidelines ask of us, row by row, and how each row is shown to hold."""

from __future__ import annotations

from tasuki.security.controls.control import Answer, Control, Document, Level
from tasuki.security.controls.judging import DrillRun, Judgement, Known, Proved, judge, judge_all
from tasuki.security.controls.reading import BadRegister, read_register, register

__all__ = [
    "Answer",
    "BadRegister",
    "Control",
    "Document",
    "DrillRun",
    "Judgement",
    "Known",
    "Level",
    "Proved",
    "judge",
    "judge_all",
    "read_register",
    "register",
]
