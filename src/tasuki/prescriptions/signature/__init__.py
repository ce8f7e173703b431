# SPDX-License-Identifier: Apache-2.0
"""電子署名 — XAdES signatures of prescriptions and dispensings, made and verified."""
