# SPDX-License-Identifier: Apache-2.0
"""責任分界の務め — what has to be divided between a clinic and each vendor.

Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 3.（責任分界）、保守委託機関編（第7.0版）
"""

from __future__ import annotations

DUTIES = {
    "server_update": "サーバの更新プログラム",
    "terminal_update": "端末の更新プログラム",
    "network": "ネットワーク機器の設定と更新",
    "accounts": "アカウントの付与と停止",
    "backup": "バックアップの取得と保管",
    "restore": "復元の手順と確認",
    "malware": "不正なソフトウェアの対策",
    "logs": "記録の保管と点検",
    "monitoring": "稼働と不正の見張り",
    "incident": "攻撃を受けたときの連絡と初動",
    "evidence": "証拠の保全と調査",
    "report": "国・個人情報保護委員会への報告",
    "subcontract": "再委託先の管理",
    "disposal": "データの消去と媒体の廃棄",
    "end": "契約が終わるときのデータの返却と移行",
}
