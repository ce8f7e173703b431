# SPDX-License-Identifier: Apache-2.0
"""再送 — how long a request that was not answered waits."""

from __future__ import annotations

from datetime import timedelta


def test_each_wait_is_twice_the_one_before_and_five_minutes_at_most():
    from tasuki_server.platform.retrying import wait_after

    first = timedelta(seconds=5)
    waits = [wait_after(tries, first).total_seconds() for tries in (0, 1, 2, 3, 7, 500)]
    assert waits == [5, 5, 10, 20, 300, 300]
