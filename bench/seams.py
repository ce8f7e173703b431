# SPDX-License-Identifier: Apache-2.0
"""継ぎ目の種 — オンライン資格確認 and 電子処方箋 under as many seeds as are asked for; one JSON line a wire.

``python bench/seams.py [--size N] [--seed FIRST] [--wire prescribing|confirmation_web|confirmation_folder] [--seconds S]``
plays N seeds of each wire in a database of its own, as `drill seams` does, and counts those after which something was
lost, came or was issued twice, or still waited: ``broken`` must be 0. With ``--seconds`` a wire stops when its time is
over and says how many seeds it played, so that a long series can be run in parts (``--seed`` says where the next begins).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

WIRES = ("prescribing", "confirmation_web", "confirmation_folder")
# What each play holds the two sides to, by the words with which a broken one is told.
KEPT = "失われない・二重にならない・待ち続けない"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=20, help="seeds of each wire")
    parser.add_argument("--seed", type=int, default=1, help="the first of them")
    parser.add_argument("--wire", choices=WIRES, action="append")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="a wire stops after so long")
    args = parser.parse_args()

    from figures import report
    from tasuki_server.drills.ground import a_clinic, as_superuser, training_ground
    from tasuki_server.drills.seams import Tally, play_all, quiet_wires

    broken = 0
    with quiet_wires(), training_ground(), as_superuser() as owner:
        from tasuki_server.platform.house import close_house
        from tasuki_server.seams.wires import confirmation, prescribing

        for place, name in enumerate(args.wire or WIRES):
            clinic = a_clinic(50 + place)
            wire = (
                prescribing(clinic, owner)
                if name == "prescribing"
                else confirmation(clinic, owner, uses_folders=name == "confirmation_folder")
            )
            tally, begun, busy = Tally(Counter(), [], Counter()), time.monotonic(), time.process_time()
            for seed in range(args.seed, args.seed + args.size):
                if time.monotonic() - begun > args.seconds:
                    break
                play_all(wire, [seed], tally)
            played = tally.counts[wire.name]
            report(f"seams/{name}/seeds", played, f"from {args.seed}")
            report(f"seams/{name}/broken", len(tally.broken), f"of {played}: {KEPT}")
            report(f"seams/{name}/faults met", tally.faults.total(), f"of {len(tally.faults)} kinds")
            report(f"seams/{name}/processor", time.process_time() - busy, "s, this process")
            for each in tally.broken[:20]:
                print(each, file=sys.stderr)
            broken += len(tally.broken)
        close_house()
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
