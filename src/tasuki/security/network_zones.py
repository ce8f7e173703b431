# SPDX-License-Identifier: Apache-2.0
"""網の区画 — zones and the flows allowed between them, as data; the rules of the firewall and the test of it are both made from it.

Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 13.（ネットワーク）、標準仕様書 E.8.1.1（必要なポートだけを開く）
"""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Network = ipaddress.IPv4Network
Address = ipaddress.IPv4Address


class Zone(NamedTuple):
    """区画 — one leg of the firewall, its addresses, and whether everybody else is behind it."""

    name: str
    title: str
    interface: str
    network: Network
    gateway: Address
    hosts: Mapping[str, Address]
    is_outside: bool


class Place(NamedTuple):
    """通信の端 — a zone, or one host of it ("" for the whole zone)."""

    zone: str
    host: str


class Flow(NamedTuple):
    """許可した通信 — who may begin it with whom, on which port, and why."""

    source: Place
    target: Place
    protocol: str
    port: int
    why: str


class Zoning(NamedTuple):
    """網の構成 — all zones and all flows; what is not listed does not pass."""

    zones: Mapping[str, Zone]
    flows: tuple[Flow, ...]

    def allows(self, source: Place, target: Place, protocol: str, port: int) -> bool:
        """許可されているか — from one host to another."""
        return any(
            each.protocol == protocol
            and each.port == port
            and _covers(each.source, source)
            and _covers(each.target, target)
            for each in self.flows
        )

    def places(self) -> Iterator[Place]:
        """すべての端 — each host of each zone."""
        for zone in self.zones.values():
            for host in zone.hosts:
                yield Place(zone.name, host)

    def address(self, place: Place) -> Address:
        """端のアドレス — of a host."""
        return self.zones[place.zone].hosts[place.host]


class BadZoning(ValueError):
    """読めない網の構成 — says which zone or flow, and what is wrong with it."""


def read_zoning(content: bytes) -> Zoning:
    """網の構成の読込 — TOML. Raises :class:`BadZoning`."""
    try:
        given = tomllib.loads(content.decode())
        zones = {name: _zone(name, each) for name, each in given["zones"].items()}
        flows = tuple(_flow(each) for each in given["flows"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadZoning(str(error)) from error
    for flow in flows:
        for place in (flow.source, flow.target):
            zone = zones.get(place.zone)
            if zone is None or (place.host and place.host not in zone.hosts):
                raise BadZoning(f"{place.zone}.{place.host} is no place of this network")
        if flow.protocol not in ("tcp", "udp") or not 1 <= flow.port <= 65535 or not flow.why:
            raise BadZoning(f"{flow}: a flow has a protocol, a port and a reason")
        if not flow.target.host:
            raise BadZoning(f"{flow}: a flow leads to one host")
    return Zoning(zones, flows)


def _zone(name: str, given: Mapping[str, Any]) -> Zone:
    network = Network(given["network"])
    gateway = Address(given["gateway"])
    hosts = {host: Address(each) for host, each in given["hosts"].items()}
    for each in (gateway, *hosts.values()):
        if each not in network:
            raise BadZoning(f"{name}: {each} is not in {network}")
    return Zone(
        name, given["title"], given["interface"], network, gateway, hosts, bool(given.get("is_outside"))
    )


def _flow(given: Mapping[str, Any]) -> Flow:
    return Flow(
        _place(given["from"]), _place(given["to"]), given["protocol"], int(given["port"]), given["why"]
    )


def _place(text: str) -> Place:
    zone, _, host = text.partition(".")
    return Place(zone, host)


def _covers(wide: Place, narrow: Place) -> bool:
    return wide.zone == narrow.zone and wide.host in ("", narrow.host)


def ruleset(zoning: Zoning) -> str:
    """nftablesの規則 — everything is dropped, both ways and for the firewall itself; then the listed flows may begin.

    A packet is taken from a leg only with an address of that leg's zone, so that nobody speaks in another's name; from
    outside only with an address of no inner zone. IPv6 is dropped, as no flow is listed for it.
    """
    lines = [
        "#!/usr/sbin/nft -f",
        "# Made from deploy/network.toml by tools/make_ruleset.py: change that, not this.",
        "table inet tasuki",
        "delete table inet tasuki",
        "table inet tasuki {",
        *_chain("input", ['iifname "lo" accept', "ct state established,related accept"]),
        *_chain("output", ['oifname "lo" accept', "ct state established,related accept"]),
        "    chain in_its_own_name {",
        *(f"        {_spoofed(zone, zoning)} drop" for zone in zoning.zones.values()),
        "    }",
        *_chain(
            "forward",
            [
                "jump in_its_own_name",
                "ct state invalid drop",
                "ct state established,related accept",
                *(_accept(flow, zoning) for flow in zoning.flows),
                'limit rate 10/minute log prefix "tasuki drop: "',
            ],
        ),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _chain(hook: str, rules: list[str]) -> list[str]:
    return [
        f"    chain {hook} {{",
        f"        type filter hook {hook} priority filter; policy drop;",
        *(f"        {each}" for each in rules),
        "    }",
    ]


def _spoofed(zone: Zone, zoning: Zoning) -> str:
    if not zone.is_outside:
        return f'iifname "{zone.interface}" ip saddr != {zone.network}'
    inner = ", ".join(str(each.network) for each in zoning.zones.values() if not each.is_outside)
    return f'iifname "{zone.interface}" ip saddr {{ {inner} }}'


def _accept(flow: Flow, zoning: Zoning) -> str:
    source, target = zoning.zones[flow.source.zone], zoning.zones[flow.target.zone]
    parts = [f'iifname "{source.interface}" oifname "{target.interface}"']
    if flow.source.host:
        parts.append(f"ip saddr {source.hosts[flow.source.host]}")
    parts.append(f"ip daddr {target.hosts[flow.target.host]} {flow.protocol} dport {flow.port}")
    return " ".join(parts) + f' ct state new accept comment "{flow.source.zone} to {flow.target.zone}"'
