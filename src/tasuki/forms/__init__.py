# SPDX-License-Identifier: Apache-2.0
"""帳票 — legal forms as typst templates fed with JSON: a value in, the bytes of a PDF/A out."""

from __future__ import annotations

from tasuki.forms.catalogue import FORMS, Form
from tasuki.forms.fonts import FontSet
from tasuki.forms.render import FormsUnavailable, preview, render
from tasuki.forms.unprintable import without_unprintable

__all__ = ["FORMS", "FontSet", "Form", "FormsUnavailable", "preview", "render", "without_unprintable"]
