# SPDX-License-Identifier: Apache-2.0
"""外からの利用 — the exchange as others' clients meet it, over HTTP; a table of what was asked, what must come and what came.

``python bench/outside.py`` starts a server like that of ``up`` on a database in a folder of its own and lets in, one after the other:
our table of the requirements of FHIR R4 http.html (``outside_clients/http_table.py``, in the manner of Inferno and of Crucible's basic suites);
fhirclient and fhirpy (``.venv-outside``, requirements/outside.lock) and fhir-kit-client (``bench/outside_clients/node_modules``, by ``npm ci``),
each of which is passed over with the reason when it is not installed; and schemathesis, by the OpenAPI document that the server itself gives.
Ends with 1 when anything came that must not.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from http_load import ROOT, served
from outside_clients import documented, http_table
from outside_clients.told import Told
from own_database import own_database

CLIENTS = ROOT / "bench" / "outside_clients"
PYTHON = ROOT / ".venv-outside" / "bin" / "python"
SECONDS = 300
MAKING = "python -m venv .venv-outside && .venv-outside/bin/pip install --require-hashes -r requirements/outside.lock"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=20, help="requests of schemathesis to each address")
    args = parser.parse_args()
    with own_database() as connections:
        token = prepare()
        with served(connections, "asgi", "tasuki_server.asgi:application") as server:
            base = f"http://127.0.0.1:{server.port}/platform/v1/fhir"
            told = [
                *http_table.run(base, token),
                *by_python(base, token),
                *by_node(base, token),
                *documented.run(base, token, args.size),
            ]
    return table(told)


def prepare() -> str:
    """An institution that may exchange."""
    from tasuki_server.institutions.migrating import migrate
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.models import FeeTable

    migrate()
    _, token = register_institution("13", FeeTable.MEDICAL, "9990001", "そとの病院")
    return token


def by_python(base: str, token: str) -> Iterator[Told]:
    """fhirclient and fhirpy, in an environment of their own."""
    python = Path(os.environ.get("TASUKI_OUTSIDE_PYTHON", PYTHON))
    if not python.exists():
        print(f"passed over: fhirclient and fhirpy ({python} is not there; {MAKING})")
        return
    yield from heard([str(python), str(CLIENTS / "python_clients.py")], base, token)


def by_node(base: str, token: str) -> Iterator[Told]:
    """fhir-kit-client, where node and its packages are."""
    node = shutil.which("node")
    if node is None:
        print("passed over: fhir-kit-client (node is not installed)")
    elif not (CLIENTS / "node_modules").exists():
        print(f"passed over: fhir-kit-client (run npm ci in {CLIENTS.relative_to(ROOT)})")
    else:
        yield from heard([node, str(CLIENTS / "node_client.mjs")], base, token)


def heard(command: list[str], base: str, token: str) -> Iterator[Told]:
    """What a client says of each step, one JSON line each."""
    environment = {"PATH": os.environ["PATH"], "FHIR_BASE": base, "FHIR_TOKEN": token}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    for line in done.stdout.splitlines():
        yield Told(**json.loads(line))
    if done.returncode:
        yield Told(
            Path(command[-1]).stem, "the client itself", "it runs to its end", done.stderr[-400:], False
        )


def table(told: list[Told]) -> int:
    """The table, the deviations again at its end; 1 when there is one."""
    print("| client | what | must come | came | |\n|---|---|---|---|---|")
    for each in told:
        print(each.row())
    wrong = [each for each in told if not each.is_right]
    counts: dict[str, list[int]] = {}
    for each in told:
        count = counts.setdefault(each.client, [0, 0])
        count[0 if each.is_right else 1] += 1
    for client, (right, off) in counts.items():
        print(f"{client}: {right} as it must be, {off} not")
    for each in wrong:
        print(each.row(), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
