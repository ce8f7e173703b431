# SPDX-License-Identifier: Apache-2.0
"""データベース — PostgreSQL: the embedded server, the roles, and the connections of a process."""

from __future__ import annotations
