# SPDX-License-Identifier: Apache-2.0
"""鍵の管理 — data keys of each institution, their rotation, and the values sealed with them."""

__all__: list[str] = []
