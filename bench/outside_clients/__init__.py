# SPDX-License-Identifier: Apache-2.0
"""外の利用者 — what asks the exchange from outside; see ``bench/outside.py``."""
