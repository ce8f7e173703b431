# SPDX-License-Identifier: Apache-2.0
"""オンライン資格確認等システム（試行環境） — the register of the insured and what it answers to institutions."""
