# SPDX-License-Identifier: Apache-2.0
"""資格の控え — what the eligibility service answered for a person, as the receipt is held against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from tasuki.chart.coverage import Insurance, PublicProgramme


@dataclass(frozen=True, slots=True)
class EligibilitySnapshot:
    """資格の控え — every insurance and programme known of a person, each with its days, and when it was asked."""

    insurances: tuple[Insurance, ...] = ()
    programmes: tuple[PublicProgramme, ...] = ()
    confirmed_on: date | None = None
