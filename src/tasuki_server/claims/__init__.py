# SPDX-License-Identifier: Apache-2.0
"""レセプト — a month of bills made into receipts and claim files, looked through, handed in and closed."""

from __future__ import annotations
