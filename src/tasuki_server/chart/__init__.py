# SPDX-License-Identifier: Apache-2.0
"""診療録 — notes, diseases and drafts of a visit, and the page where they are written."""

from __future__ import annotations
