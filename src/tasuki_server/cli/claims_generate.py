# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの生成 — `./tasuki claims generate --receipts N --out DIR`: made-up months with planted errors."""

from __future__ import annotations

import argparse
import json
import os
import re
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from tasuki.claims.generate.errors import Kind
    from tasuki.claims.generate.months import MonthPlan, Planted
    from tasuki.claims.generate.pool import Pool


def add_generate(verbs: Any) -> None:
    """引数 — how many receipts and errors, the seed, the month, and where to write."""
    parser = verbs.add_parser(
        "generate",
        help=say("架空の請求ファイルを作る（誤りを植えられる）", "make up claim files, with planted errors"),
    )
    parser.add_argument(
        "--receipts", metavar="N", type=int, required=True, help=say("レセプトの数", "receipts")
    )
    parser.add_argument(
        "--planted", metavar="M", type=int, default=0, help=say("植える誤りの数", "errors to plant")
    )
    parser.add_argument("--seed", metavar="S", type=int, default=0, help=say("乱数の種", "seed"))
    parser.add_argument(
        "--month", metavar="YYYYMM", default="202606", help=say("診療年月（既定 202606）", "month of service")
    )
    parser.add_argument(
        "--per-file", metavar="N", type=int, default=2_000,
        help=say("1ファイル（1医療機関）のレセプト数", "receipts of a file, one institution each"),
    )  # fmt: skip
    parser.add_argument(
        "--beside", action="store_true",
        help=say(
            "請求（claims）のほか、過去の月（past）、調剤（pharmacy）、患者の控え（patients）、架空のチェックマスタ（check_master）も作る",
            "beside claims/ also make past/ (earlier months), pharmacy/, patients/ (notes) and a made-up check_master/",
        ),
    )  # fmt: skip
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        required=True,
        help=say("書き出す先のフォルダ", "folder to write to"),
    )
    parser.set_defaults(verb=_generate)


def _generate(args: argparse.Namespace) -> int:
    from tasuki_server.cli.claims_check import need_libraries

    need_libraries()
    from tasuki.claims.generate.months import MonthPlan
    from tasuki.claims.item_values import parse_month
    from tasuki_server.cli.writing import write_all

    month = parse_month(args.month) if re.fullmatch(r"\d{6}", args.month) else None
    if (
        month is None
        or not args.receipts >= 1
        or not 0 <= args.planted <= args.receipts
        or not 1 <= args.per_file <= 999_999
    ):
        raise Stop(
            "件数は1以上、誤りはレセプトの数まで、診療年月は YYYYMM で指定してください。",
            "Ask for one receipt or more, no more errors than receipts, and a month as YYYYMM.",
        )
    plan = MonthPlan(month, args.receipts, args.planted, args.seed, args.per_file, args.beside)
    args.out.mkdir(parents=True, exist_ok=True)
    planted: list[Planted] = []
    sizes = 0
    for done, (size, found) in enumerate(_files(plan, args.out), 1):
        sizes += size
        planted.extend(found)
        if done % 50 == 0 or done == plan.files:
            progress(f"[{done}/{plan.files}] ファイル", f"[{done}/{plan.files}] files")
    manifest = {
        "form": "tasuki/planted-claims/1", "month": month.text, "receipts": plan.receipts, "seed": plan.seed,
        "planted": [each._asdict() for each in sorted(planted)],
    }  # fmt: skip
    if args.beside:
        from tasuki.claims.generate.pool import pool_of
        from tasuki_server.masters_source import current_book

        rows = pool_of(current_book(), month.day(15)).master.files()
        write_all([(args.out / "check_master" / name, data) for name, data in rows.items()])
    write_all([(args.out / "planted.json", json.dumps(manifest, ensure_ascii=False, indent=1).encode())])
    kinds = len({each.kind for each in planted})
    if args.format == "json":
        print(json.dumps({"files": plan.files, "receipts": plan.receipts, "bytes": sizes, "planted": len(planted), "kinds": kinds}))  # fmt: skip
    else:
        print(
            say(
                f"{args.out}: {plan.files}ファイル、{plan.receipts:,}件、{sizes:,}バイト、誤り {len(planted)}件（{kinds}種類）",
                f"{args.out}: {plan.files} files, {plan.receipts:,} receipts, {sizes:,} bytes, {len(planted)} errors of {kinds} kinds",
            )
        )
    return 0


def _files(plan: MonthPlan, folder: Path) -> Any:
    """The size of each file and what was planted in it, as they are written."""
    workers = min(os.cpu_count() or 1, plan.files)
    if workers <= 1 or plan.files < 4:
        _open(plan)
        for number in range(plan.files):
            yield _write(plan, folder, number)
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_open, initargs=(plan,))
    try:
        waiting = [pool.submit(_write, plan, folder, number) for number in range(plan.files)]
        for done in as_completed(waiting):
            yield done.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_opened: list[tuple[Pool, list[Kind]]] = []


def _open(plan: MonthPlan) -> None:
    from tasuki.claims.generate.months import possible_kinds
    from tasuki.claims.generate.pool import pool_of
    from tasuki.kernel.workers import end_with_parent
    from tasuki_server.masters_source import current_book

    end_with_parent()
    pool = pool_of(current_book(), plan.month.day(15))
    _opened[:] = [(pool, possible_kinds(pool, plan) if plan.planted else [])]


def _write(plan: MonthPlan, folder: Path, number: int) -> tuple[int, tuple[Planted, ...]]:
    from tasuki.claims.generate.months import make_file

    pool, kinds = _opened[0]
    file = make_file(pool, plan, kinds, number)
    claims = folder / "claims" if plan.is_beside else folder
    claims.mkdir(parents=True, exist_ok=True)
    (claims / file.name).write_bytes(file.data)
    for path, data in file.beside.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return len(file.data), file.planted
