# SPDX-License-Identifier: Apache-2.0
"""見張り — alerts of misuse, decoys, containment, mistakes told, training and incidents."""

from __future__ import annotations
