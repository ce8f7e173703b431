# SPDX-License-Identifier: Apache-2.0
"""鍵を包む鍵 — from the installation's secret, or from a file that a key service leaves; never from the database."""

from __future__ import annotations

import base64
import binascii
import json
import os
from pathlib import Path

from tasuki.security.sealed_fields import KEY_BYTES, WrappingKey
from tasuki_server.cli.words import Stop
from tasuki_server.database.places import installation_secrets

VARIABLE = "TASUKI_KEY_FILE"
INSTALLATION = "installation"


def wrapping_keys() -> dict[str, WrappingKey]:
    """鍵を包む鍵の一覧 — by name; the one of the installation is always among them, so that a file can take over."""
    own = WrappingKey(INSTALLATION, installation_secrets().derived("field-keys"))
    return {INSTALLATION: own, **_of_file()[1]}


def current_wrapping_key() -> WrappingKey:
    """今の鍵を包む鍵 — what new data keys are wrapped with."""
    name, keys = _of_file()
    return keys[name] if keys else wrapping_keys()[INSTALLATION]


def _of_file() -> tuple[str, dict[str, WrappingKey]]:
    given = os.environ.get(VARIABLE, "")
    if not given:
        return "", {}
    try:
        told = json.loads(Path(given).read_text(encoding="utf-8"))
        keys = {name: WrappingKey(name, base64.b64decode(text)) for name, text in told["keys"].items()}
        current = str(told["current"])
        is_whole = current in keys and all(len(each.key) == KEY_BYTES for each in keys.values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        is_whole = False
    if not is_whole or INSTALLATION in keys:
        # The text of the fault may quote the key.
        raise Stop(
            f'{VARIABLE} のファイルを鍵として読めません。{{"current": 名前, "keys": {{名前: 32バイトのBase64}}}} の形で置いてください。',
            f'The file of {VARIABLE} is no key file: {{"current": NAME, "keys": {{NAME: 32 bytes in Base64}}}}.',
        )
    return current, keys
