# SPDX-License-Identifier: Apache-2.0
"""3文書6情報 — FHIR builders and the profile validator."""
