# SPDX-License-Identifier: Apache-2.0
"""規則の作成 — writes deploy/nftables.conf from deploy/network.toml."""

from __future__ import annotations

from pathlib import Path

from tasuki.security.network_zones import read_zoning, ruleset

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"


def main() -> None:
    """規則の作成 — the whole file anew."""
    made = ruleset(read_zoning((DEPLOY / "network.toml").read_bytes()))
    (DEPLOY / "nftables.conf").write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
