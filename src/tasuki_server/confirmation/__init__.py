# SPDX-License-Identifier: Apache-2.0
"""資格確認（医療機関側） — what is asked of オンライン資格確認等システム, what comes back, and what becomes of it here."""
