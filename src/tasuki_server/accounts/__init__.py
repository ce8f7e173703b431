# SPDX-License-Identifier: Apache-2.0
"""利用者 — sign-in, the second factor that nobody can skip, and permissions of pages."""

from __future__ import annotations
