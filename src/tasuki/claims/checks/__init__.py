# SPDX-License-Identifier: Apache-2.0
"""レセプト点検 — format and office checks of claim files, as data and small rules."""
