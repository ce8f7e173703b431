# SPDX-License-Identifier: Apache-2.0
"""接続仕様 — open without a token, complete, and with samples that the codecs read."""

from __future__ import annotations

import asyncio
import json

import pytest

pytestmark = pytest.mark.server


def _get(path):
    from tasuki_server.drills.asgi_request import ask
    from tasuki_server.platform.asgi_door import PlatformDoor

    return asyncio.run(ask(PlatformDoor(), "GET", path))


def test_the_document_names_every_address_and_needs_no_token(server):
    from tasuki_server.platform.services import SERVICES

    told = _get("/platform/v1/openapi.json")
    document = json.loads(told.body)
    assert (told.status, document["openapi"]) == (200, "3.1.0")
    service = SERVICES["eligibility"]
    assert {f"/platform/v1/eligibility/{each}" for each in service.addresses} <= set(document["paths"])
    card = document["paths"]["/platform/v1/eligibility/cards"]["post"]["requestBody"]
    assert "prescription" in card["content"]["application/json"]["schema"]["properties"]
    assert _get("/platform/v1/status").status == 401


def test_the_samples_read_whole(server):
    from tasuki.eligibility.reading import read_message

    names = json.loads(_get("/platform/v1/samples").body)["samples"]
    assert len(names) >= 15
    for name in names:
        if not name.startswith(("OQS", "YZK", "TKK")):
            continue
        told = _get(f"/platform/v1/samples/{name}")
        # 検証番号: a sample's numbers are made up; the wrong institution of the refused one is told in its own words.
        assert {each.code for each in read_message(told.body, name).findings} <= {"OQS-V-07"}, name
    assert _get("/platform/v1/samples/none.xml").status == 404
