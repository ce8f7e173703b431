# SPDX-License-Identifier: Apache-2.0
"""読取りへのでたらめな内容 — every reader of bytes, in a process of its own, with limits of time and memory.

A reader may refuse; it may not break down, hang, or take more than it may. Each has also a long input, so that one
whose work grows with the square of the length is seen.
"""

from __future__ import annotations

import random
import resource
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Any, NamedTuple

from tasuki_server.drills.fuzz_values import broken

SECONDS = 2.0
MEMORY = 256 * 1024 * 1024
LONG_BYTES = 256 * 1024


class Reader(NamedTuple):
    """読取り — how it is called, and what it may refuse with."""

    call: Callable[[bytes], Any]
    refusals: tuple[type[Exception], ...]


def readers() -> dict[str, Reader]:
    """読取りの一覧 — of the files and texts that come from outside."""
    from tasuki.calculation.copayment.case_file import read_case
    from tasuki.calculation.copayment.local_file import read_local_rules
    from tasuki.calculation.payers.price_list import read_price_list
    from tasuki.calculation.visit_json import decode_visit
    from tasuki.claims.build.month_file import read_month
    from tasuki.claims.content.patients_file import read_patients
    from tasuki.claims.reader import read
    from tasuki.claims.result_files import read_acceptance, read_payment, read_points, read_returns
    from tasuki.eligibility.reading import read_messages
    from tasuki.kernel.finding import BadInput
    from tasuki.kernel.strict_json import NotStrict, read_strictly
    from tasuki.prescriptions.reader import read_prescription
    from tasuki.security.checkpoint import BadCheckpoint, read_checkpoint
    from tasuki.sharing.checkups import read_checkup
    from tasuki_server.audit.notes import BadNote, read_note

    refused = (BadInput,)
    return {
        "claim": Reader(read, refused),
        "acceptance": Reader(read_acceptance, refused),
        "returns": Reader(read_returns, refused),
        "points": Reader(read_points, refused),
        "payment": Reader(read_payment, refused),
        "visit": Reader(decode_visit, refused),
        "case": Reader(read_case, refused),
        "local_rules": Reader(read_local_rules, refused),
        "prices": Reader(read_price_list, refused),
        "patients": Reader(read_patients, refused),
        "month": Reader(read_month, refused),
        "eligibility": Reader(lambda data: list(read_messages(data)), refused),
        "prescription": Reader(read_prescription, refused),
        "checkup": Reader(read_checkup, refused),
        "checkup_report": Reader(read_checkup, refused),
        "signed_document": Reader(_verify_nobody, ()),
        "json": Reader(read_strictly, (NotStrict,)),
        "checkpoint": Reader(lambda data: read_checkpoint(data.decode("latin-1")), (BadCheckpoint,)),
        "note": Reader(lambda data: read_note(data.decode("latin-1")), (BadNote,)),
    }


def _verify_nobody(data: bytes) -> Any:
    """Whatever stands in a signed document, verifying it gives a result and raises nothing."""
    from tasuki.prescriptions.signature.trust import Trust
    from tasuki.prescriptions.signature.verify import verify_document

    return verify_document(data, Trust(()), datetime(2026, 6, 1, tzinfo=UTC))


def growing_by_the_square(data: bytes) -> int:
    """対照の読取り — looks from each byte through all that follow."""
    return sum(data.count(data[at : at + 3], at) for at in range(len(data)))


def planted_readers() -> dict[str, Reader]:
    """対照の読取り — one that is slow by its nature."""
    return {"quadratic": Reader(growing_by_the_square, ())}


class Read(NamedTuple):
    """読取りの結果 — inputs by reader, and what went wrong by reader and kind."""

    inputs: int
    slowest_ms: int
    faults: tuple[str, ...]


def read_broken(
    samples: Mapping[str, bytes], count: int, seed: int, *, only: str = "", is_planted: bool = False
) -> Read:
    """読取りの試し — ``count`` inputs for each reader, in a process that ends with its limits."""
    # A process that dies of its limits is told as broken; it is not begun again for ever.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_read_all, dict(samples), count, seed, only, is_planted).result()


def _read_all(samples: dict[str, bytes], count: int, seed: int, only: str, is_planted: bool) -> Read:
    known = planted_readers() if is_planted else readers()
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    used = _used_memory()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    signal.signal(signal.SIGVTALRM, _late)
    inputs, slowest, faults = 0, 0.0, {}
    for name, reader in known.items():
        if only not in ("", name):
            continue
        sample = samples.get(name, b"")
        long = (
            sample * max(1, LONG_BYTES // max(1, len(sample))) if sample else b"1,2,3\r\n" * (LONG_BYTES // 7)
        )
        for number in range(count + 2):
            data = (sample, long)[number] if number < 2 else broken(sample or chosen.randbytes(200), chosen)
            inputs += 1
            seconds, said = _one(reader, data)
            slowest = max(slowest, seconds)
            if said:
                faults.setdefault((name, said), number)
    told = tuple(f"{name}: {said}（{number}番目）" for (name, said), number in sorted(faults.items()))
    return Read(inputs, int(slowest * 1000), told)


def _one(reader: Reader, data: bytes) -> tuple[float, str]:
    import time
    import traceback

    begun = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    said = ""
    try:
        reader.call(data)
    except reader.refusals:
        pass
    except (Exception, MemoryError) as fault:  # noqa: BLE001 - every kind is a finding
        frame = traceback.extract_tb(fault.__traceback__)[-1]
        said = f"{type(fault).__name__} {frame.filename.rpartition('/')[2]}:{frame.lineno}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - begun, said


def _late(_signal: int, _frame: object) -> None:
    raise TimeoutError("over the time of one input")


def _used_memory() -> int:
    from pathlib import Path

    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
