# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有サービス（試行環境） — documents to an addressee, the six informations, checkups, and what a person permits."""
