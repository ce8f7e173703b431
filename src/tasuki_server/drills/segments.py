# SPDX-License-Identifier: Apache-2.0
"""網の区画の訓練 — from each host of each zone to each of every other: open is what is listed, and nothing else.

The control opens one more port in the firewall, from the vendor's zone to the database, and must see it.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki.security.network_zones import Place, Zoning, read_zoning
from tasuki_server.database.places import home
from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.namespaces import Ground, NotHere, network_ground, why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tasuki_server.drills.port_scan import Probe

# Doors that are often left open, beside the listed ones and some by chance.
COMMON = (
    21,
    22,
    23,
    25,
    53,
    80,
    111,
    123,
    135,
    137,
    139,
    161,
    389,
    443,
    445,
    514,
    873,
    1433,
    1521,
    2049,
    2375,
    3000,
)
COMMON_TOO = (
    3128,
    3306,
    3389,
    5000,
    5432,
    5900,
    5985,
    6379,
    6432,
    8000,
    8080,
    8443,
    8790,
    8791,
    9090,
    9200,
    11211,
)
BY_CHANCE = 20
PLANTED = ("vendor", "db", "database", 5432)


def deploy_folder() -> Path:
    """配備の定義の場所 — beside the sources, not part of the package."""
    return home() / "deploy"


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """網の区画の訓練 — the scan, then the scan again with one more port open."""
    reason = why_not()
    if not reason and tier is Tier.LONG and shutil.which("nmap") is None:
        reason = "nmap がありません。"
    if reason:
        return Finding({}, not_run=reason)
    zoning = read_zoning((deploy_folder() / "network.toml").read_bytes())
    try:
        with network_ground(zoning, deploy_folder() / "nftables.conf") as ground:
            return drilled(ground, tier, seed, tell)
    except NotHere as refused:
        return Finding({}, not_run=f"名前空間を作れません: {refused}")


def drilled(ground: Ground, tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """網の区画の訓練 — on a ground that stands."""
    probes = probes_of(ground.zoning, seed)
    expected = listed(ground.zoning)
    found = ground.scan(probes)
    # A lost packet is no closed door: what should be open is asked once more.
    late = {zone: [each for each in asked if each in expected - found] for zone, asked in probes.items()}
    found |= ground.scan({zone: asked for zone, asked in late.items() if asked})
    tell(f"{sum(map(len, probes.values()))} probes, {len(found)} open")
    counts: dict[str, int | float] = {
        "zones": len(ground.zoning.zones),
        "flows": len(ground.zoning.flows),
        "probes": sum(map(len, probes.values())),
    }
    if tier is Tier.LONG:
        swept, asked = _swept(ground, tell)
        # nmap's hundred UDP ports need not hold the listed ones: those were asked above.
        found |= swept
        counts["swept_ports"] = asked
    counts |= {"open": len(found), "unexpected": len(found - expected), "missing": len(expected - found)}
    faults = tuple(
        [f"開いてはならない: {_said(each)}" for each in sorted(found - expected)]
        + [f"通らない: {_said(each)}" for each in sorted(expected - found)]
    )
    return Finding(counts, faults, *_with_one_more(ground, probes, expected))


def _with_one_more(
    ground: Ground, probes: dict[str, list[Probe]], expected: set[Probe]
) -> tuple[dict[str, int], bool]:
    source, target, host, port = PLANTED
    zones = ground.zoning.zones
    address = zones[target].hosts[host]
    ground.plant(
        f"iifname {zones[source].interface} oifname {zones[target].interface} ip daddr {address} tcp dport {port} accept"
    )
    seen = ground.scan({source: probes[source]}) - expected
    is_red = seen == {(str(own), str(address), "tcp", port) for own in zones[source].hosts.values()}
    return {"one_more_port": len(seen)}, is_red


def probes_of(zoning: Zoning, seed: int) -> dict[str, list[Probe]]:
    """探索の一覧 — by the zone they start in: every host of another zone and every leg of the firewall."""
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    ports = {*COMMON, *COMMON_TOO, *(each.port for each in zoning.flows)}
    ports |= set(chosen.sample(range(1, 65536), BY_CHANCE))
    found: dict[str, list[Probe]] = {name: [] for name in zoning.zones}
    for own, place in _ways(zoning):
        found[own.zone] += [
            (str(zoning.address(own)), place, protocol, port)
            for port in sorted(ports)
            for protocol in ("tcp", "udp")
        ]
    return found


def _ways(zoning: Zoning) -> Iterator[tuple[Place, str]]:
    gateways = [str(each.gateway) for each in zoning.zones.values()]
    for own in zoning.places():
        yield from ((own, str(zoning.address(other))) for other in zoning.places() if other.zone != own.zone)
        yield from ((own, each) for each in gateways)


def listed(zoning: Zoning) -> set[Probe]:
    """許可の一覧 — each flow from each of its hosts."""
    return {
        (str(zoning.address(own)), str(zoning.address(flow.target)), flow.protocol, flow.port)
        for flow in zoning.flows
        for own in zoning.places()
        if own.zone == flow.source.zone and flow.source.host in ("", own.host)
    }


def _swept(ground: Ground, tell: Callable[[str], None]) -> tuple[set[Probe], int]:
    found: set[Probe] = set()
    asked = 0
    for own in ground.zoning.places():
        others = [place for mine, place in _ways(ground.zoning) if mine == own]
        swept = ground.sweep(own.zone, str(ground.zoning.address(own)), others)
        asked += len(others) * (65_535 + 100)
        tell(f"{own.zone}.{own.host}: {len(others)} addresses, {len(swept)} open")
        found |= swept
    return found, asked


def _said(probe: Probe) -> str:
    own, other, protocol, port = probe
    return f"{own} から {other} の {protocol}/{port}"


SEGMENTS = Drill(
    name="segments",
    title="網の区画",
    goal="区画のあいだで、許可した通信のほかは一つも通らない",
    run=run,
)
