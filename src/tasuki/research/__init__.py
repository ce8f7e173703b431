# SPDX-License-Identifier: Apache-2.0
"""二次利用 — pseudonymisation and disclosure control."""
