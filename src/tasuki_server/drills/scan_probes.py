# SPDX-License-Identifier: Apache-2.0
"""動的な点検 — every address as someone signed in, asked the way an attacker would; what the answer gives away is a fault."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tasuki_server.accounts.addresses import addresses
from tasuki_server.drills.scan_source import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client

    from tasuki_server.drills.marked_clinic import MarkedClinic

EVIL = "evil.test"
PROBE = "zq'\"><zq7>"
_AWAY = re.compile(rb"(?:href|action|src|hx-[a-z]+)\s*=\s*[\"'][^\"']*//evil\.test", re.I)
# A block of JSON is data; what runs has its own file.
_INLINE = re.compile(
    rb"<script(?![^>]*(?:\bsrc=|application/json))[^>]*>|\son[a-z]+\s*=\s*[\"']|\sstyle\s*=\s*[\"']|javascript:",
    re.I,
)


def faults_of(answer: Any) -> Iterator[str]:
    """応答の欠陥 — headers that must be there, and a page that runs or shows what it should not."""
    headers = answer.headers
    policy = headers.get("Content-Security-Policy", "")
    if "default-src 'self'" not in policy or "unsafe" in policy or "frame-ancestors" not in policy:
        yield "コンテンツポリシーがありません"
    if headers.get("X-Content-Type-Options") != "nosniff":
        yield "nosniff がありません"
    if headers.get("Referrer-Policy") not in ("same-origin", "no-referrer"):
        yield "Referrer-Policy がありません"
    if not headers.get("X-Frame-Options"):
        yield "X-Frame-Options がありません"
    if "no-store" not in headers.get("Cache-Control", ""):
        yield "控えに残ります"
    if headers.get("Access-Control-Allow-Origin"):
        yield "ほかのサイトに読ませます"
    if "Server" in headers or "X-Powered-By" in headers:
        yield "サーバの名前を告げます"
    for name, cookie in answer.cookies.items():
        if not cookie["httponly"] or cookie["samesite"] not in ("Lax", "Strict"):
            yield f"クッキー {name} が守られていません"
    if answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming:
        yield from _of_text(answer.content)
    if _leaves(headers.get("Location", "")):
        yield "ほかのサイトへ送ります"


def _of_text(text: bytes) -> Iterator[str]:
    if b"<zq7>" in text:
        yield "送られた文字をそのまま描きます"
    if _INLINE.search(text):
        yield "インラインのスクリプトか様式があります"
    if _AWAY.search(text):
        yield "偽のホスト名でリンクを作ります"
    if b"Traceback (most recent call last)" in text or b"django.core" in text:
        yield "内部の様子を見せます"
    if b"Index of /" in text or b"Directory listing" in text:
        yield "フォルダの中を見せます"


def _leaves(place: str) -> bool:
    return place.startswith(("http:", "https:", "//", "\\")) and not place.startswith("http://localhost")


def probe(clinic: MarkedClinic, browsers: dict[str, Client]) -> tuple[int, list[str]]:
    """動的な点検 — how many requests, and what was found, one a kind and address."""
    found: dict[tuple[str, str], str] = {}
    count = 0

    def ask(browser: Client, name: str, method: str, path: str, given: dict[str, str], **more: Any) -> Any:
        nonlocal count
        count += 1
        call: Callable[..., Any] = getattr(browser, method)
        answer = call(path, given, **more)
        for fault in faults_of(answer):
            found.setdefault((name, fault), f"{name}: {fault}。")
        return answer

    values = {"int": str(clinic.patient.number), "uuid": str(clinic.visit.id)}
    bad = dict.fromkeys(("q", "next", "day", "month", "return_to", "show", "code"), PROBE)
    away = dict.fromkeys(("next", "return_to", "url", "redirect"), f"https://{EVIL}/")
    for place, address in enumerate(addresses()):
        if "logout" in address.template:
            continue
        path = address.filled(lambda parameter: values.get(parameter.kind, "2026-09"))
        browser = browsers[sorted(browsers)[place % len(browsers)]]
        ask(browser, address.template, "get", path, bad, headers={"Referer": f"https://{EVIL}/{PROBE}"})
        ask(browsers["nobody"], address.template, "get", path, away)
        if place % 2:
            continue
        spoofed = {
            "X-Forwarded-Host": EVIL,
            "X-Forwarded-Proto": "https",
            "X-Original-URL": "/audit/",
            "Forwarded": f"host={EVIL}",
        }
        ask(browser, address.template, "get", path, away, headers=spoofed)
    faults = [*found.values(), *_doors(browsers)]
    return count, faults


def _doors(browsers: dict[str, Client]) -> Iterator[str]:
    """Single probes: host header, method override, forgery, folders, and what is taken for the address of the asker."""
    from django.test import Client

    browser = browsers["clerk"]
    if browser.get("/", headers={"Host": EVIL}).status_code != 400:
        yield "知らないホスト名に答えます。"
    answer = browser.post(
        "/patients/", {}, headers={"X-HTTP-Method-Override": "GET", "X-Method-Override": "GET"}
    )
    if answer.status_code != 405:
        yield "メソッドの言い換えを受け入れます。"
    if browser.generic("TRACE", "/patients/").status_code == 200:
        yield "TRACE に答えます。"
    for path in (
        "/static/",
        "/static/../settings.py",
        "/static/%2e%2e/settings.py",
        "/.git/config",
        "/var/",
        "/media/",
    ):
        if browser.get(path).status_code not in (400, 403, 404):
            yield f"{path} に答えます。"
    strict = Client(SERVER_NAME="localhost", enforce_csrf_checks=True, raise_request_exception=False)
    strict.cookies = browser.cookies
    for path in ("/patients/new/", "/accounts/login/", "/institution/"):
        if strict.post(path, {"name": "x"}).status_code not in (403, 404, 405):
            yield f"{path} がトークンのない送信を受け入れます。"
    login = Client(SERVER_NAME="localhost", raise_request_exception=False)
    answer = login.post("/accounts/login/", {"login": "nobody", "password": "x", "next": f"https://{EVIL}/"})
    if _leaves(answer.headers.get("Location", "")):
        yield "サインインのあとほかのサイトへ送ります。"


def deployment_findings() -> list[Found]:
    """本番の設定の点検 — Django's own list, as an installation behind HTTPS would start."""
    given = {
        "TASUKI_HTTPS": "yes", "TASUKI_HOSTS": "clinic.example", "TASUKI_BEHIND_PROXY": "yes",
        "DJANGO_SETTINGS_MODULE": "tasuki_server.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        capture_output=True, text=True, check=False, timeout=120, env={**os.environ, **given},
    )  # fmt: skip
    found = [
        Found("django", each, "settings", 0) for each in re.findall(r"\(security\.(W\d+)\)", done.stderr)
    ]
    return found if found or done.returncode == 0 else [Found("django", "unanswered", "settings", 0)]
