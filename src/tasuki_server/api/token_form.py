# SPDX-License-Identifier: Apache-2.0
"""トークンの求めのフォーム — ``client_credentials`` with a statement signed by a key of the client's, at every door that gives tokens.

Cite: RFC 6749 4.4 client credentials, RFC 7521 4.2, RFC 7523 2.2 private_key_jwt
"""

from __future__ import annotations

from urllib.parse import parse_qs

from tasuki_server.api.proofs import ASSERTION_TYPE, GRANT


class NoToken(Exception):
    """発行の拒否 — a code of RFC 6749 5.2 or RFC 9449, and a Japanese sentence for who builds the client."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(code)


def read_token_form(body: bytes) -> dict[str, str]:
    """求めの読取り — each member once. Raises :class:`NoToken`."""
    try:
        members = parse_qs(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=20
        )
    except (UnicodeDecodeError, ValueError):
        raise NoToken("invalid_request", "フォームとして読めません。") from None
    if any(len(values) > 1 for values in members.values()):
        raise NoToken("invalid_request", "同じ項目が2つあります。")
    form = {name: values[0] for name, values in members.items()}
    if form.get("grant_type") != GRANT:
        raise NoToken("unsupported_grant_type", f"grant_type は {GRANT} だけです。")
    if form.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in form:
        raise NoToken("invalid_client", "接続先の証明（private_key_jwt）が要ります。")
    if "client_secret" in form:
        raise NoToken("invalid_request", "パスワードによる接続は受け付けません。")
    return form
