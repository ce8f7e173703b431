# SPDX-License-Identifier: Apache-2.0
"""継ぎ目の模擬 — every wire of the server run by its production code on a clock and a network that a seed decides."""
