# SPDX-License-Identifier: Apache-2.0
"""不変条件の説明 — what an invariant asks and how to meet it, by its official key, in our own words."""

WORDS: dict[str, str] = {}
