# SPDX-License-Identifier: Apache-2.0
"""帳票印刷の速さ — pages a second, warm and cold; one JSON line a figure.

``python bench/forms.py [--size N]`` prints the examples of the guide N times each.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from figures import report
from tasuki.forms import FORMS, render

EXAMPLES = Path(__file__).parents[1] / "docs" / "guide" / "forms"
COLD = "import json,sys; from tasuki.forms import render; render(sys.argv[1], json.load(open(sys.argv[2])))"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=200, help="documents of each form")
    size = parser.parse_args().size
    for form in FORMS:
        file = EXAMPLES / f"{form.replace('_', '-')}.json"
        data = json.loads(file.read_text("utf-8"))
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", COLD, form, str(file)], check=True)
        report(f"forms/{form}/cold process", (time.perf_counter() - begun) * 1000, "ms")
        render(form, data)
        begun = time.perf_counter()
        for n in range(size):
            # Another patient each time: typst remembers what it has set already.
            render(form, _changed(data, n))
        report(f"forms/{form}/warm", size / (time.perf_counter() - begun), "documents/s")

    month = json.loads((EXAMPLES / "claim-receipts.json").read_text("utf-8"))
    month["receipts"] = [_changed(month["receipts"][0], n) for n in range(size)]
    begun, worked = time.perf_counter(), time.process_time()
    render("claim_receipts", month)
    report(f"forms/claim_receipts/{size} in one file", time.perf_counter() - begun, "s")
    report(f"forms/claim_receipts/{size} in one file, processor", time.process_time() - worked, "s")


def _changed(data: dict[str, object], n: int) -> dict[str, object]:
    if isinstance(receipts := data.get("receipts"), list):
        return {**data, "receipts": [_changed(receipt, n) for receipt in receipts]}
    if isinstance(patient := data.get("patient"), dict):
        other = {**data, "patient": {**patient, "id": f"{n:08d}", "name": f"架空　{n}郎"}}
        if isinstance(units := data.get("units"), list) and "receipt_type" in data:
            # Other points on every line: a month of equal receipts would be set once.
            other["units"] = [{**unit, "points": 10 * n + at} for at, unit in enumerate(units)]
        return other
    return {**data, "printed_by": f"受付　{n}"}


if __name__ == "__main__":
    main()
