# SPDX-License-Identifier: Apache-2.0
"""網を切る — takes this process out of every network but its own loopback."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import socket
import struct
from pathlib import Path

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_SET_FLAGS, _UP_AND_RUNNING = 0x8914, 0x1 | 0x40


def cut_network() -> bool:
    """網を切る — for this process and its children; False where the kernel does not let us."""
    if not hasattr(socket, "AF_NETLINK"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    wanted = _NEW_NET if os.geteuid() == 0 else _NEW_NET | _NEW_USER
    if libc.unshare(wanted) != 0:
        return False
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        fcntl.ioctl(link, _SET_FLAGS, struct.pack("16sh", b"lo", _UP_AND_RUNNING))
    return True


def interfaces() -> list[str]:
    """網の口 — every interface this process can see."""
    lines = Path("/proc/self/net/dev").read_text(encoding="ascii").splitlines()[2:]
    return sorted(line.partition(":")[0].strip() for line in lines)
