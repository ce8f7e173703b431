# SPDX-License-Identifier: Apache-2.0
"""起動 — database, tables, masters, demo and pages, in one command."""

from __future__ import annotations

import argparse
import errno
import signal
import socket
import time
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from tasuki_server.cli.backup_keeper import BackupKeeper
from tasuki_server.cli.clock_keeper import ClockKeeper
from tasuki_server.cli.downtime_keeper import DowntimeKeeper
from tasuki_server.cli.emergency_keeper import EmergencyKeeper
from tasuki_server.cli.hook_keeper import HookKeeper
from tasuki_server.cli.line_keeper import CONFIRMATION, PRESCRIBING, SHARING, LineKeeper
from tasuki_server.cli.misuse_keeper import MisuseKeeper
from tasuki_server.cli.operations_keeper import OperationsKeeper
from tasuki_server.cli.prescription_keeper import PrescriptionKeeper
from tasuki_server.cli.receiver_keeper import ReceiverKeeper
from tasuki_server.cli.start_notes import check_settings, told_at_start
from tasuki_server.cli.trail_keeper import TrailKeeper
from tasuki_server.cli.words import Stop, progress, say
from tasuki_server.operations.generations import Pages, take_port
from tasuki_server.operations.supervision import ReloadDesk
from tasuki_server.steady_heap import keep_heap_still

if TYPE_CHECKING:
    from tasuki_server.database.session import Attached

NAME = "up"
HELP = (
    "お試しの医療機関を動かします（データベースから画面まで）",
    "start everything: database, demo clinic, pages",
)
DEFAULT_PORT = 8000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — where to listen."""
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help=say("待ち受けるポート", "port to listen on")
    )
    parser.add_argument(
        "--bind",
        default="127.0.0.1",
        help=say(
            "待ち受けるアドレス（別の機械のリバースプロキシから受けるとき）",
            "address to listen on, for a reverse proxy on another host",
        ),
    )
    parser.add_argument(
        "--no-demo",
        action="store_true",
        help=say("お試しの医療機関を作らない", "do not make the demo clinic"),
    )


class _Stopped(BaseException):
    """停止の合図 — Ctrl-C, SIGTERM and a closed terminal leave through the same doors."""


def run(args: argparse.Namespace) -> int:
    """実行 — returns when stopped."""
    from tasuki_server.database.session import connected

    started = time.monotonic()

    def stop(number: int, frame: FrameType | None) -> None:
        raise _Stopped

    # SIGINT too: a shell starts background jobs with it ignored, and then Python would not hear Ctrl-C's signal.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        pages = Pages(_listen(args.bind, args.port))
        try:
            # It loads beside the database, which may take as long to come back from a sudden end.
            pages.begin_next()
            progress("データベースを起動しています…", "Starting the database…")
            with connected(progress, with_owner=True) as attached:
                _serve(args, attached, pages, started)
        finally:
            pages.end()
    except _Stopped:
        progress("終了しました。", "Stopped.")
        return 0


def _serve(args: argparse.Namespace, attached: Attached, pages: Pages, started: float) -> NoReturn:
    """Until something stops it; the pages end before their database does."""
    from tasuki_server.database.session import leave

    check_settings()
    trail = TrailKeeper.for_installation()
    receiver = ReceiverKeeper.for_installation()
    if receiver is not None:
        receiver.start()
    backups = BackupKeeper.for_installation()
    desk = ReloadDesk.for_installation()
    beside = (
        DowntimeKeeper(),
        LineKeeper(PRESCRIBING),
        LineKeeper(CONFIRMATION),
        LineKeeper(SHARING),
        HookKeeper(),
        PrescriptionKeeper(),
        trail,
    )
    try:
        _prepare(with_demo=not args.no_demo, may_start_over=not attached.is_external)
        for words in told_at_start():
            progress(*words)
        leave()
        pages.wait_until_serving(attached.connections)
        _welcome(args.port, time.monotonic() - started, with_demo=not args.no_demo)
        for each in beside:
            each.start()
        keepers = (
            MisuseKeeper(),
            ClockKeeper(),
            EmergencyKeeper(),
            OperationsKeeper(args.bind, args.port),
        )
        while True:
            if not attached.is_alive():
                raise Stop("データベースが止まりました。", "The database stopped.")
            desk.attend(pages)
            pages.tend(time.monotonic())
            # While one generation hands over to the next, nothing else is begun.
            if pages.next is None:
                for keeper in keepers:
                    keeper.keep(time.monotonic())
                backups.keep(time.time())
            time.sleep(0.1 if pages.next or pages.leaving else 0.5)
    finally:
        leave()
        desk.close()
        pages.end()
        backups.stop()
        if receiver is not None:
            receiver.stop()
        for each in beside:
            each.stop()
        # Before the database goes: a pool that is left would look for it and say so. What will not close goes with us.
        with suppress(Exception):
            from tasuki_server.platform.house import close_house

            close_house()


def _listen(host: str, port: int) -> socket.socket:
    if not 1 <= port <= 65535:
        raise Stop(f"ポート番号 {port} は使えません（1〜65535）。", f"{port} is no port number (1-65535).")
    try:
        return take_port(host, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise Stop(
                f"{host}:{port} では待ち受けられません（{error.strerror}）。",
                f"Cannot listen on {host}:{port} ({error.strerror}).",
            ) from error
        raise Stop(
            f"ポート {port} は、ほかのプログラムが使っています。ほかの番号で: ./tasuki up --port {port + 1}",
            f"Port {port} is taken by another program. Try another: ./tasuki up --port {port + 1}",
        ) from error


def _prepare(*, with_demo: bool, may_start_over: bool) -> None:
    from tasuki.masters import starter
    from tasuki_server.institutions.migrating import migrate

    progress("表を準備しています…", "Preparing the tables…")
    migrate()
    progress("マスターを読み込んでいます…", "Loading the starter masters…")
    starter.load_starter()
    if with_demo:
        _prepare_demo(may_start_over=may_start_over)


def _prepare_demo(*, may_start_over: bool) -> None:
    """The demo's month is made once and whole: one that was interrupted is thrown away and made again."""
    from tasuki_server import demo
    from tasuki_server.database.places import data_folder
    from tasuki_server.database.session import start_over
    from tasuki_server.institutions.migrating import migrate
    from tasuki_server.institutions.models import Institution

    unfinished = data_folder() / "demo-unfinished"
    progress("お試しの医療機関を準備しています…", "Preparing the demo clinic…")
    if unfinished.exists():
        has_real = Institution.objects.using("owner").filter(is_demo=False).exists()
        if may_start_over and not has_real:
            progress(
                "  途中で止まった準備を、はじめからやり直します",
                "  an interrupted preparation is started over",
            )
            start_over()
            migrate()
        else:
            progress(
                "  お試しのデータは、前回の準備が途中で止まったままです（ほかの医療機関があるため作り直しません）",
                "  the demo's data is as an interrupted preparation left it (kept, as it is not alone here)",
            )
    elif not Institution.objects.using("owner").filter(is_demo=True).exists():
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        unfinished.touch()
    keep_heap_still()
    demo.ensure_demo(_DemoProgress())
    unfinished.unlink(missing_ok=True)


class _DemoProgress:
    """Demo progress — each fifth of the month, told once."""

    def __init__(self) -> None:
        self.told = 0

    def __call__(self, done: int, total: int) -> None:
        fifths = done * 5 // total
        if total > 100 and fifths > self.told:
            self.told = fifths
            progress(
                f"  ひと月分の診療と会計 {done}/{total}", f"  a month of visits and bills {done}/{total}"
            )


def _welcome(port: int, seconds: float, *, with_demo: bool) -> None:
    print(
        say(
            f"\n襷が動いています（{seconds:.1f}秒）: http://localhost:{port}/",
            f"\nTasuki is up ({seconds:.1f} s): http://localhost:{port}/",
        )
    )
    if with_demo:
        from tasuki_server.demo import PASSWORD, PEOPLE

        names = ", ".join(each[0] for each in PEOPLE)
        print(
            say(
                f"  利用者: {names}（隣の医療機関は末尾に2）、審査支払機関の試行環境: examiner、薬局: pharmacist、保険者: insurer\n  パスワード: {PASSWORD}\n"
                "  二要素認証のコード: 別の端末で ./tasuki demo code doctor\n"
                f"  本人の画面: http://localhost:{port}/portal/ （お試しの人のコード: ./tasuki portal people）",
                f"  users: {names} (the other clinic's end in 2), the payers' rehearsal desk: examiner, the pharmacy: pharmacist, an insurer: insurer\n  password: {PASSWORD}\n"
                "  second factor: ./tasuki demo code doctor, in another terminal\n"
                f"  a person's own record: http://localhost:{port}/portal/ (codes of demo people: ./tasuki portal people)",
            )
        )
    print(say("  終わるには Ctrl-C", "  Ctrl-C to stop"), flush=True)
