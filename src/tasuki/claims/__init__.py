# SPDX-License-Identifier: Apache-2.0
"""レセプト — records, building, checks and the claim cycle."""
