# SPDX-License-Identifier: Apache-2.0
"""電子署名の接続 — services that hold the keys of doctors and pharmacists, and the stand-in for them."""
