# SPDX-License-Identifier: Apache-2.0
"""日付・元号・端数処理 — days, points, roundings, kana, findings: what everything else counts on."""
