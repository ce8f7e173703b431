# SPDX-License-Identifier: Apache-2.0
"""3文書6情報の組立 — facts of a chart into what 電子カルテ情報共有サービス takes, and back."""
