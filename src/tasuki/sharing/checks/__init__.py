# SPDX-License-Identifier: Apache-2.0
"""FHIR点検の部品 — structure by type, what a profile adds, references, Bundles."""
