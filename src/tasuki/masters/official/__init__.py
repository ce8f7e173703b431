# SPDX-License-Identifier: Apache-2.0
"""公式マスターの読取り — one module a table of the official layouts: bytes in, dated rows and findings out."""
