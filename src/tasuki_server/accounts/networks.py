# SPDX-License-Identifier: Apache-2.0
"""接続元 — the network an address lies in and the kind of browser, coarse enough to stay the same within a day's work."""

from __future__ import annotations

import ipaddress
import re

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

# A provider's mobile network hands out addresses of one such block while a laptop is carried about.
IPV4_PREFIX, IPV6_PREFIX = 16, 48
_BROWSERS = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"\bOPR/")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(?:(?:Headless)?Chrome|CriOS)/")),
    ("Safari", re.compile(r"\bSafari/")),
)
_SYSTEMS = (
    ("Windows", re.compile(r"\bWindows\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("iOS", re.compile(r"\b(?:iPhone|iPad|iPod)\b")),
    ("macOS", re.compile(r"\bMacintosh\b")),
    ("Linux", re.compile(r"\bLinux\b")),
)


def address_of(request: HttpRequest) -> str:
    """接続元のアドレス — of the client, by the trusted proxy when there is one."""
    return str(get_adapter(request).get_client_ip(request))


def network_of(address: str) -> str:
    """接続元のネットワーク — its /16, or /48 of IPv6.

    >>> network_of("203.0.113.9"), network_of("2001:db8:1:2::7"), network_of("?")
    ('203.0.0.0/16', '2001:db8:1::/48', '?')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:45]
    mapped = getattr(found, "ipv4_mapped", None) or found
    prefix = IPV4_PREFIX if mapped.version == 4 else IPV6_PREFIX
    return str(ipaddress.ip_network(f"{mapped}/{prefix}", strict=False))


def browser_of(user_agent: str) -> str:
    """ブラウザーの種類 — family and system, never the version: a browser that updates itself is the same one.

    >>> browser_of("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36")
    'Chrome / Windows'
    >>> browser_of("curl/8.1")
    'curl'
    """
    family = next((name for name, sign in _BROWSERS if sign.search(user_agent)), "")
    system = next((name for name, sign in _SYSTEMS if sign.search(user_agent)), "")
    if not family:
        family = user_agent.split("/", maxsplit=1)[0].strip()[:30]
    return " / ".join(each for each in (family, system) if each)
