# SPDX-License-Identifier: Apache-2.0
"""審査支払機関の試行環境 — the other side of the claims wire: takes files, checks, examines, returns, cuts and pays.

It stands in for 支払基金 and 国保連 so that a clinic can rehearse a month. It knows no institution's tables: its rows
belong to a database role of its own, and a clinic reaches it by a token over the wire alone.
"""

from __future__ import annotations
