# SPDX-License-Identifier: Apache-2.0
"""帳票 — legal forms as typst templates fed with JSON."""
