# SPDX-License-Identifier: Apache-2.0
"""設定一覧 — every TASUKI_* variable an installation may set, its default and what it does; the reference is made from it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tasuki_server.cli.words import Stop


@dataclass(frozen=True, slots=True)
class Setting:
    """設定項目 — one variable of the environment."""

    name: str
    default: str
    japanese: str
    english: str


SETTINGS = (
    Setting("TASUKI_DATA", "var", "データの置き場所", "folder of the database, secrets and logs"),
    Setting(
        "TASUKI_DATABASE_URL",
        "",
        "外部のPostgreSQL（15以上）の管理用接続文字列。空なら組込みのものを使う",
        "administrator's connection string of an external PostgreSQL (15 or newer); empty: the embedded one",
    ),
    Setting(
        "TASUKI_SECRET_KEY",
        "",
        "設置の秘密鍵。空ならデータの置き場所に作る。失うと二要素認証の再登録が要る",
        "secret of the installation; empty: made in the data folder. Losing it means enrolling second factors anew",
    ),
    Setting(
        "TASUKI_KEY_FILE",
        "",
        "データ鍵を包む鍵のファイル（鍵の管理サービスが置くもの）。空なら設置の秘密鍵から作る",
        "file of the keys that wrap data keys, as a key service leaves it; empty: derived from the installation's secret",
    ),
    Setting(
        "TASUKI_WITNESS",
        "",
        "監査記録の証人のアドレス（別の機械の `./tasuki witness serve`。コンマ区切りで複数）。空ならこの設置の中の証人（試用のみ）",
        "addresses of the audit trail's witnesses on other machines, by comma; empty: one inside this installation, for trials only",
    ),
    Setting(
        "TASUKI_WITNESS_KEYS",
        "",
        "証人の検証鍵（証人の起動時に表示される 名前+ハッシュ+鍵。コンマ区切り）。入れると、副署を確かめ、`./tasuki audit verify` が照らす",
        "verifier keys of the witnesses (name+hash+key, by comma), as they print when they start; with them cosignatures are checked",
    ),
    Setting(
        "TASUKI_BACKUPS",
        "",
        "控えの置き場所（別のディスク）。空なら `./tasuki up` は控えを取らない",
        "folder of backups, on another disk; empty: `./tasuki up` takes none",
    ),
    Setting(
        "TASUKI_BACKUP_KEY",
        "",
        "控えを封じる公開鍵（`./tasuki backup keys` が表示する64桁の16進数）。復元の鍵はこの設置に置かない",
        "public key that backups are sealed for, as `./tasuki backup keys` prints it; the private half is not kept here",
    ),
    Setting("TASUKI_BACKUP_HOURS", "24", "控えを取る間隔（時間）", "hours between two backups"),
    Setting(
        "TASUKI_RESTORE_DAYS",
        "90",
        "復元の訓練の間隔（日）。過ぎると管理者の画面に知らせる",
        "days between two rehearsals of a restore; the administrator is told when they have passed",
    ),
    Setting(
        "TASUKI_RECEIVER",
        "",
        "記録（WAL）の同期受信の置き場所（別のディスク）。空なら同期受信をしない",
        "folder of the synchronous receiver of the log, on another disk; empty: none",
    ),
    Setting(
        "TASUKI_RECEIVER_WAIT",
        "30",
        "同期受信が止まったとき、警報を出して待たずに続けるまで（秒）",
        "seconds commits wait for a receiver that stopped, before the house goes on without it and says so",
    ),
    Setting(
        "TASUKI_THIRD_COPY",
        "",
        "三つ目の控えの番人のアドレス（別の機械の `./tasuki backup keep`）。空なら送らない",
        "address of the keeper of the third copy on another machine (`./tasuki backup keep`); empty: none",
    ),
    Setting(
        "TASUKI_THIRD_COPY_TOKEN",
        "",
        "三つ目の控えの番人に示す合言葉のファイル",
        "file of the token that the keeper of the third copy asks for",
    ),
    Setting(
        "TASUKI_DOWNTIME_FOLDER",
        "",
        "停止時の写しの置き場所（別の端末の共有フォルダなど、サーバが止まっても読める所）。空ならデータの下の downtime",
        "folder of the downtime copies, to be readable when the server is not; empty: downtime below the data",
    ),
    Setting(
        "TASUKI_TIME_SERVER",
        "",
        "時刻サーバ（NTP）のホスト名。1分ごとに比べ、1秒を超えるずれを知らせて監査記録に残す。空なら時計の飛びだけを見る",
        "NTP server to compare with each minute; more than a second is told and kept in the trail; empty: leaps only",
    ),
    Setting("TASUKI_HOSTS", "localhost,127.0.0.1", "受け付けるホスト名", "host names answered, by comma"),
    Setting(
        "TASUKI_HTTPS",
        "no",
        "HTTPSで使う（安全なクッキー、HSTS、HTTPからの転送）",
        "served by HTTPS: secure cookies, HSTS, redirect from HTTP",
    ),
    Setting(
        "TASUKI_BEHIND_PROXY",
        "no",
        "前段の中継サーバの X-Forwarded-* を信じる",
        "trust X-Forwarded-* of the proxy in front",
    ),
    Setting("TASUKI_SESSION_HOURS", "12", "サインインの有効時間（時間）", "hours a sign-in lasts at most"),
    Setting(
        "TASUKI_IDLE_MINUTES",
        "60",
        "操作がないときにサインアウトするまで（分）",
        "minutes without an act until a session ends",
    ),
    Setting(
        "TASUKI_STEP_UP_MINUTES",
        "15",
        "請求ファイルの出力、職員・権限・接続・施設の変更の前に、二要素認証をもう一度求めるまで（分）",
        "minutes until exports and changes of staff, rights, connections and the institution ask the second factor again",
    ),
    Setting(
        "TASUKI_NETWORK_CHANGE",
        "ask",
        "サインイン中に別のネットワークに移ったとき: ask は確認コードを求め、end はサインアウトする",
        "when a session moves to another network: ask the second factor again, or end the session",
    ),
    Setting(
        "TASUKI_PORTAL_SESSION_HOURS",
        "2",
        "本人の画面のサインインの有効時間（時間）",
        "hours a person's sign-in to the portal lasts at most",
    ),
    Setting(
        "TASUKI_PORTAL_IDLE_MINUTES",
        "15",
        "本人の画面で、操作がないときにサインアウトするまで（分）",
        "minutes without an act until a person's session of the portal ends",
    ),
    Setting(
        "TASUKI_PORTAL_CHILD_AGE",
        "18",
        "本人の画面で、親などの法定代理が終わる年齢（歳）",
        "age at which a parent's standing in for a child ends in the portal, in years",
    ),
    Setting("TASUKI_DEMO_PEOPLE", "300", "お試しの医療機関の患者の人数", "people of the demo clinic"),
    Setting(
        "TASUKI_WEB_PROCESSES",
        "",
        "画面と接続のサーバのプロセスの数。空なら機械のコアの数（4まで）",
        "processes of the page server; empty: as many as the machine has cores, four at most",
    ),
    Setting(
        "TASUKI_WEB_THREADS",
        "12",
        "画面を作るスレッドの数（プロセスごと）",
        "threads that make pages, in each process",
    ),
    Setting(
        "TASUKI_API_WORKERS",
        "2",
        "接続（API）の計算をするプロセスの数（画面のサーバのプロセスで分ける。それぞれに1以上）。最初の要求で起動する",
        "processes that calculate for the API, shared out among the page server's (one each at least); started with the first request",
    ),
    Setting(
        "TASUKI_API_SECONDS",
        "10",
        "接続（API）の1件の計算の制限時間（秒）",
        "seconds one calculation of the API may take",
    ),
    Setting(
        "TASUKI_API_RATE",
        "200",
        "接続先1つが1秒に送れる要求の数（一時的にはその2倍）",
        "requests a second of one client (twice that at once)",
    ),
    Setting(
        "TASUKI_CLAIMS_SERVICE_URL",
        "",
        "レセプトを送る受付サービスの場所。空なら内蔵の試行環境",
        "address of the service that receives claims; empty: the built-in rehearsal service",
    ),
    Setting(
        "TASUKI_CLAIMS_SERVICE_TOKEN",
        "",
        "受付サービスの接続トークン（鍵で名乗れないサービスだけ）。医療機関ごとに「10桁の番号=トークン」（コンマ区切り）。番号のないトークンは使わない",
        "tokens for that service, only where it takes no keys: ten digits=token for each institution, by comma; one without a number is not used",
    ),
    Setting(
        "TASUKI_OQS_FOLDER",
        "",
        "資格確認端末の連携フォルダの場所（フォルダ連携のとき）。下に医療機関コード10桁の名前のフォルダがあれば、その中を使う",
        "folder shared with the eligibility terminal; one below it named by the ten digits of the institution is used if there",
    ),
    Setting(
        "TASUKI_OQS_FOLDER_NAMES",
        "req,res,face,trash",
        "連携フォルダの中の、要求・結果・顔認証・処理済みのフォルダの名前（連携ソフトの設定に合わせる）",
        "names of the folders of requests, results, card results and processed files, as the link software is set",
    ),
    Setting(
        "TASUKI_PLATFORM_URL",
        "",
        "オンライン資格確認・電子処方箋のサービスの場所。空なら内蔵の試行環境",
        "address of the services of eligibility and electronic prescriptions; empty: the built-in ones",
    ),
    Setting(
        "TASUKI_PORTAL_URL",
        "",
        "本人の画面を患者が開くアドレス（https://… まで。渡す紙に印刷する）。空ならサービスの場所、それも空ならこの画面のアドレス",
        "address under which patients open the portal, printed on the slip; empty: that of the services, else of this page",
    ),
    Setting(
        "TASUKI_PLATFORM_TOKEN",
        "",
        "そのサービスの接続トークン（鍵で名乗れないサービスだけ）。医療機関ごとに「10桁の番号=トークン」（コンマ区切り。本人の画面は 0090000000）。番号のないトークンは使わない",
        "tokens for those services, only where they take no keys: ten digits=token for each institution, by comma (the portal is 0090000000); one without a number is not used",
    ),
    Setting(
        "TASUKI_SENDER_KEY",
        "1",
        "外の受付サービス・プラットフォームに名乗る鍵の世代。公開鍵は `./tasuki platform own-key` が表示する。進めるのは新しい公開鍵を登録してもらった後",
        "generation of the keys that institutions here name themselves with; `./tasuki platform own-key` prints the public ones. Raise it once the new one is registered there",
    ),
    Setting(
        "TASUKI_BEARER_UNTIL",
        "",
        "ほかの機械からの、持っているだけで使えるトークン（受付サービス・プラットフォーム）を受け付ける最後の日（YYYY-MM-DD）。空なら受け付けない",
        "last day on which tokens that serve whoever holds them are taken from other machines (claims, platform); empty: never",
    ),
    Setting(
        "TASUKI_FHIR_HOOKS",
        "",
        "医療情報の交換の通知（Subscription）を、内部のネットワークや http でも送ってよい通知先（ホスト名かホスト名:ポート、コンマ区切り）",
        "hosts (or host:port, by comma) that notices of the exchange may go to although they are internal or plain http",
    ),
    Setting(
        "TASUKI_LOG_FOLDER",
        "",
        "記録の置き場所。空ならデータの下の log",
        "folder of logs; empty: log below the data",
    ),
    Setting(
        "TASUKI_LOG_FORM",
        "text",
        "記録の形。json なら1行に1つのJSON（要求ごとの行も書く）",
        "form of the log: text, or json with one object a line and a line for each request",
    ),
    Setting(
        "TASUKI_MONITOR_ADDRESSES",
        "127.0.0.1,::1",
        "/metrics と点検の詳細を見られる監視の機械のアドレス（網の書き方も可）",
        "addresses or networks of monitors that may read /metrics and the details of health",
    ),
    Setting(
        "TASUKI_WORK_ORDER",
        "",
        "保守の作業指示（都道府県番号-コード/番号）。コマンドの実行を監査記録に残す",
        "the work order a command is run under (prefecture-code/number); the trail notes it",
    ),
    Setting("TASUKI_PYTHON", "", "使う Python（起動時）", "the Python to make .venv with"),
    Setting("TASUKI_DEBUG", "", "誤りの詳細を表示する", "show the details of a fault"),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


def text(name: str) -> str:
    """文字の設定 — the value given, or the default."""
    return os.environ.get(name) or _BY_NAME[name].default


@contextmanager
def settings_replaced(mine: Mapping[str, str]) -> Iterator[None]:
    """設定の差替え — inside the block these hold for this process; what stood before comes back."""
    before = {name: os.environ.get(name) for name in mine}
    os.environ.update(mine)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def listed(name: str) -> list[str]:
    """並びの設定 — values separated by commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def numbered(name: str) -> dict[str, str]:
    """番号ごとの設定 — "number=value" by comma; what stands without a number is nobody's and is left out."""
    pairs = (each.partition("=") for each in listed(name))
    return {number.strip(): value.strip() for number, mark, value in pairs if mark and number.strip()}


def flag(name: str) -> bool:
    """はい・いいえの設定 — yes/no, true/false, on/off, 1/0; anything else is refused."""
    value = text(name).strip().lower()
    if value in ("yes", "true", "on", "1"):
        return True
    if value in ("no", "false", "off", "0", ""):
        return False
    raise Stop(
        f"{name} は yes か no で指定してください（今は「{value}」）。",
        f"{name} must be yes or no, not “{value}”.",
    )


def number(name: str) -> int:
    """数の設定 — a positive whole number."""
    value = text(name).strip()
    if not value.isdecimal() or int(value) == 0:
        raise Stop(
            f"{name} は1以上の整数で指定してください（今は「{value}」）。",
            f"{name} must be a whole number from 1, not “{value}”.",
        )
    return int(value)


def chosen(name: str, *choices: str) -> str:
    """選択の設定 — one of the words it knows."""
    value = text(name).strip().lower()
    if value not in choices:
        words = "・".join(choices)
        raise Stop(
            f"{name} は {words} のどれかで指定してください（今は「{value}」）。",
            f"{name} must be one of {', '.join(choices)}, not “{value}”.",
        )
    return value
