# SPDX-License-Identifier: Apache-2.0
"""共通算定マスター・コード — official tables to an immutable, dated Book."""
