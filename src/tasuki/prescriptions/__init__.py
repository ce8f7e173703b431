# SPDX-License-Identifier: Apache-2.0
"""処方箋 — formats, safety checks and signatures."""
