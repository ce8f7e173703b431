# SPDX-License-Identifier: Apache-2.0
"""医薬品知識の取込み — `./tasuki prescription knowledge import|show|remove`: tables of our layout, a vendor's CSV, チェックマスタ."""

from __future__ import annotations

import argparse
import json
import re
import shutil
from pathlib import Path
from typing import Any

from tasuki_server.cli.given_files import read_given
from tasuki_server.cli.words import Stop, progress, say

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def add_knowledge(verbs: Any) -> None:
    """引数 — of the verb ``knowledge``."""
    knowledge = verbs.add_parser(
        "knowledge", help=say("処方の点検に使う医薬品知識の表", "the tables prescriptions are checked with")
    )
    acts = knowledge.add_subparsers(required=True, metavar="OPERATION")
    take = acts.add_parser(
        "import", help=say("表を取り込む（同じ名前は置き換える）", "import tables under a name")
    )
    take.add_argument(
        "name", metavar="NAME", help=say("取込みの名前（英小文字・数字）", "name of the import")
    )
    take.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=Path,
        help=say("TSV、CSV、またはチェックマスタのZIP", "TSV, CSV or ZIP"),
    )
    take.add_argument(
        "--mapping",
        metavar="MAPPING.json",
        type=Path,
        help=say("他社のCSVの列の対応", "which column of a vendor's CSV is which of ours"),
    )
    take.add_argument(
        "--check-master",
        action="store_true",
        help=say(
            "支払基金のチェックマスタから併用禁忌・禁忌病名を取り込む",
            "take pairs and diseases of the check master",
        ),
    )
    take.set_defaults(verb=_import)
    show = acts.add_parser("show", help=say("表ごとの行数を出す", "count the rows of each table"))
    show.set_defaults(verb=_show)
    remove = acts.add_parser("remove", help=say("取り込んだ表を消す", "remove an import"))
    remove.add_argument("name", metavar="NAME")
    remove.set_defaults(verb=_remove)


def _import(args: argparse.Namespace) -> int:
    from tasuki.kernel.messages import sentence
    from tasuki.prescriptions.safety import KnowledgeTables, read_knowledge, starter_knowledge
    from tasuki.prescriptions.safety.vendor_file import check_master_rows, read_mapping, read_vendor_file
    from tasuki_server.orders.drug_knowledge import current_knowledge, keep_tables

    _named(args.name)
    given = {path.name: read_given(path) for path in args.files}
    if args.check_master:
        from tasuki.claims.indications import read_check_master

        master = read_check_master(given)
        for finding in master.findings:
            progress(sentence(finding), sentence(finding))
        tables = check_master_rows(master.indications.all_pairs(), master.indications.all_contraindications())
    elif args.mapping is not None:
        mapping = read_mapping(read_given(args.mapping), args.mapping.name)
        groups = {member.group for member in current_knowledge().tables.groups}
        tables = KnowledgeTables()
        for name, data in given.items():
            rows = getattr(read_vendor_file(data, mapping, name, groups), mapping.table)
            tables = tables._replace(**{mapping.table: (*getattr(tables, mapping.table), *rows)})
    else:
        tables = read_knowledge(given, beside=starter_knowledge()).tables
    folder = keep_tables(args.name, tables)
    counts = {name: len(rows) for name, rows in tables._asdict().items() if rows}
    # What was kept is read once, so that a fault shows here and not at the next prescription.
    total = len(current_knowledge())
    if args.format == "json":
        print(json.dumps({"name": args.name, "rows": counts, "total": total}, ensure_ascii=False))
    else:
        told = "、".join(f"{name} {count:,}行" for name, count in counts.items()) or "0行"
        print(say(f"取り込みました: {told}（{folder}）", f"imported: {told} ({folder})"))
    return 0


def _show(args: argparse.Namespace) -> int:
    from tasuki_server.orders.drug_knowledge import current_knowledge, knowledge_folder

    counts = {name: len(rows) for name, rows in current_knowledge().tables._asdict().items()}
    imports = sorted(path.name for path in knowledge_folder().glob("*") if path.is_dir())
    if args.format == "json":
        print(json.dumps({"rows": counts, "imports": imports}, ensure_ascii=False))
    else:
        for name, count in counts.items():
            print(f"{name}\t{count:,}")
        print(
            say(
                f"取り込んだもの: {'、'.join(imports) or 'なし（初期表だけ）'}",
                f"imports: {', '.join(imports) or 'none'}",
            )
        )
    return 0


def _remove(args: argparse.Namespace) -> int:
    from tasuki_server.orders.drug_knowledge import knowledge_folder

    _named(args.name)
    folder = knowledge_folder() / args.name
    if not folder.is_dir():
        raise Stop(f"「{args.name}」という取込みはありません。", f"There is no import “{args.name}”.")
    shutil.rmtree(folder)
    print(say(f"消しました: {args.name}", f"removed: {args.name}"))
    return 0


def _named(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise Stop(
            f"取込みの名前「{name}」は使えません。英小文字・数字・-・_ の40文字までにしてください。",
            f"“{name}” is no name of an import: lower-case letters, digits, - and _.",
        )
