# SPDX-License-Identifier: Apache-2.0
"""復旧 — backups, the synchronous receiver of the log, the third copy, and the way back."""

from __future__ import annotations
