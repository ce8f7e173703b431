# SPDX-License-Identifier: Apache-2.0
"""資格 — insurer numbers, 公費 and the messages of オンライン資格確認."""
