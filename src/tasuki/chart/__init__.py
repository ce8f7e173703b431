# SPDX-License-Identifier: Apache-2.0
"""診療録 — the clinical values: patients, coverage, diseases, orders, visits."""
