# SPDX-License-Identifier: Apache-2.0
"""算定理由の文 — one renderer for the Japanese sentence of every reason, and its tables by chapter."""

from __future__ import annotations

from tasuki.calculation.sentences.labels import label
from tasuki.calculation.sentences.render import explain, kind_sentence, sentence

__all__ = ["explain", "kind_sentence", "label", "sentence"]
