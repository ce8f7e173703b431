# SPDX-License-Identifier: Apache-2.0
"""障害の中継 — real sockets, each kind of harm, and the witness's client on the other end of it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tasuki_server.seams.fault_proxy import FaultProxy, Harm

ANSWER = "a size, and much that follows it\n" * 40


class _Desk(BaseHTTPRequestHandler):
    asked = 0

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).asked += 1
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER.encode())

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def desk():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Desk) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made.server_address
        made.shutdown()


@contextmanager
def proxied(desk, harm, **options):
    """The proxy in a loop of its own, and its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    proxy = FaultProxy(desk, lambda _place: harm, **options)

    def do(what):
        return asyncio.run_coroutine_threadsafe(what, loop).result(10)

    host, port = do(proxy.start())
    try:
        yield proxy, f"http://{host}:{port}"
    finally:
        do(proxy.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.mark.parametrize("harm", [Harm.NONE, Harm.SLOW, Harm.CRUMBS])
def test_what_only_takes_longer_arrives_whole(desk, harm):
    from tasuki_server.audit.witness_desk import DistantWitness

    with proxied(desk, harm, seconds=0.05) as (proxy, address):
        assert DistantWitness(address).add_checkpoint("old 0\n\nx", 1).text == ANSWER
    assert proxy.harmed == {harm: 1}


@pytest.mark.parametrize(
    ("harm", "arrives"),
    [
        (Harm.REFUSE, False),
        (Harm.CUT_THERE, False),
        (Harm.CUT_BACK, True),
        (Harm.CUT_BACK_AT_ONCE, True),
        (Harm.HOLD, True),
    ],
)
def test_every_cut_is_told_as_a_witness_that_is_away(desk, harm, arrives, monkeypatch):
    from tasuki_server.audit import witness_desk

    monkeypatch.setattr(witness_desk, "SECONDS", 0.5)
    before = _Desk.asked
    # Enough of the answer for its head, so that its body is what is cut.
    after = 200 if harm is Harm.CUT_BACK else 16
    with proxied(desk, harm, after=after) as (_proxy, address), pytest.raises(witness_desk.WitnessAway):
        witness_desk.DistantWitness(address).add_checkpoint("old 0\n\nx", 1)
    assert (_Desk.asked > before) is arrives


def test_the_claims_wire_tells_a_cut_answer_as_not_carried(desk, monkeypatch):
    from uuid import UUID

    from tasuki_server.claims.carriers import NotCarried, Sender, WireCarrier

    for harm in (Harm.CUT_BACK, Harm.CUT_BACK_AT_ONCE, Harm.REFUSE):
        with proxied(desk, harm, after=200) as (_proxy, address):
            monkeypatch.setenv("TASUKI_CLAIMS_SERVICE_URL", address)
            carrier = WireCarrier(Sender(UUID(int=1), "13", "9990001", "訓練"))
            with pytest.raises(NotCarried):
                carrier.withdraw(UUID(int=2), 1, "訓練")
