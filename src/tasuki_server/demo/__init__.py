# SPDX-License-Identifier: Apache-2.0
"""お試し — two made-up clinics, and in the first of them 300 made-up people and a month of their visits."""

from __future__ import annotations

from tasuki_server.demo.clinics import CLINICS, PASSWORD, PEOPLE, DemoClinic, demo_secret
from tasuki_server.demo.prepare import ensure_demo

__all__ = ["CLINICS", "PASSWORD", "PEOPLE", "DemoClinic", "demo_secret", "ensure_demo"]
