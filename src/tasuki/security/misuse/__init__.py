# SPDX-License-Identifier: Apache-2.0
"""不正利用の検知 — rules over the audit stream for whoever signs in properly and looks where they should not.

Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 17.（証跡のレビュー）
"""

from __future__ import annotations
