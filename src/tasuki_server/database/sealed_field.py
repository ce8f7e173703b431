# SPDX-License-Identifier: Apache-2.0
"""暗号化した列 — model fields that the database holds sealed, each value for its own row.

A value is sealed when its row is saved and opened when it is first read, so lists that do not show it cost nothing.
The row is part of the seal: ``QuerySet.update`` and ``bulk_update``, which know no row, are refused, and so are
filters. What is searched by equality has a column of codes beside it (``sealed_fields.blind_index``).
"""

from __future__ import annotations

import json
import re
from typing import Any

from django.db import DataError, models
from django.db.models.query_utils import DeferredAttribute

from tasuki.security.masks import masked_json, masked_text
from tasuki.security.sealed_fields import MASKED, DataKey, Place, key_number, seal

# \u0000 in a JSON text, as PostgreSQL refuses it; an escaped backslash before it is a text of its own.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Sealed(bytes):
    """暗号文 — as the database keeps it."""

    __slots__ = ()


class SealedAttribute(DeferredAttribute):
    """暗号化した属性 — opens on first reading; what was not read is saved again as it was."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = instance.__dict__[self.field.attname] = self.field.opened(instance, value)
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(models.Field):
    """暗号化した列 — the common part; a subclass says how its values are bytes."""

    descriptor_class = SealedAttribute
    empty_values = [None]

    def get_internal_type(self) -> str:
        """データベースの型 — bytes."""
        return "BinaryField"

    def to_bytes(self, value: Any) -> bytes:
        """値の符号化 — see the subclass."""
        raise TypeError(type(value))

    def from_bytes(self, plain: bytes) -> Any:
        """値の復号 — the reverse."""
        raise TypeError(type(plain))

    def mask(self, value: Any) -> Any:
        """伏せ字 — what a vendor's person sees instead; see the subclass."""
        raise TypeError(type(value))

    def place_of(self, instance: models.Model) -> Place:
        """列の場所 — of a row."""
        from tasuki_server.keys.ring import owner_of

        return Place(owner_of(instance), instance._meta.db_table, self.column, instance.pk)

    def opened(self, instance: models.Model, sealed: bytes) -> Any:
        """開封 — its mask where the row was read masked; raises :class:`tasuki.security.sealed_fields.BrokenSeal`."""
        from tasuki_server.keys.ring import open_value

        is_masked = sealed.startswith(MASKED)
        kept = sealed.removeprefix(MASKED) if is_masked else sealed
        value = self.from_bytes(open_value(instance, self.place_of(instance), kept))
        return self.mask(value) if is_masked else value

    def sealed_with(self, key: DataKey, place: Place, value: Any) -> Sealed:
        """封印 — a value for its place."""
        return Sealed(seal(key, place, self.to_bytes(value)))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        """読込み — still sealed: only its row can open it."""
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        """保存の前 — sealed for this row; what was never read stays as it is."""
        from tasuki_server.keys.ring import sealing_key

        kept = model_instance.__dict__.get(self.attname)
        if kept is None:
            return None
        key = sealing_key(model_instance)
        if isinstance(kept, Sealed) and not add and key_number(kept) == key.number:
            return kept
        value = getattr(model_instance, self.attname)
        return self.sealed_with(key, self.place_of(model_instance), value)

    def get_prep_value(self, value: Any) -> Any:
        """保存 — sealed values only."""
        if value is None or isinstance(value, Sealed):
            return value
        raise TypeError(f"{self.model.__name__}.{self.name} is sealed for its row: write it by save()")

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """保存 — as bytes of the database."""
        value = super().get_db_prep_value(value, connection, prepared)
        return None if value is None else connection.Database.Binary(value)

    def get_lookup(self, lookup_name: str) -> Any:
        """検索 — none: equal texts have different ciphertexts."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class SealedTextField(SealedField):
    """暗号化した文字の列 — with the length a plain column would have."""

    def to_bytes(self, value: Any) -> bytes:
        """文字の符号化 — refuses what a plain column would refuse."""
        text = str(value)
        if (self.max_length is not None and len(text) > self.max_length) or "\0" in text:
            raise DataError("the text cannot be stored")
        try:
            return text.encode()
        except UnicodeEncodeError as error:
            raise DataError("the text cannot be stored") from error

    def from_bytes(self, plain: bytes) -> str:
        """文字の復号 — the reverse."""
        return plain.decode()

    def mask(self, value: str) -> str:
        """文字の伏せ字 — a bare word of the program stays."""
        return masked_text(value)


class SealedJsonField(SealedField):
    """暗号化したJSONの列 — opened and sealed as a whole."""

    empty_strings_allowed = False

    def to_bytes(self, value: Any) -> bytes:
        """JSONの符号化 — refuses what a plain column would refuse."""
        try:
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        except ValueError as error:
            raise DataError("the value cannot be stored") from error
        if _NUL.search(text):
            raise DataError("the value cannot be stored")
        return text

    def from_bytes(self, plain: bytes) -> Any:
        """JSONの復号 — the reverse."""
        return json.loads(plain)

    def mask(self, value: Any) -> Any:
        """JSONの伏せ字 — its shape and numbers stay."""
        return masked_json(value)


class SealedBinaryField(SealedField):
    """暗号化したバイト列の列 — files as they were received or handed in."""

    empty_strings_allowed = False

    def to_bytes(self, value: Any) -> bytes:
        """そのまま — bytes are bytes."""
        return bytes(value)

    def from_bytes(self, plain: bytes) -> bytes:
        """そのまま — bytes are bytes."""
        return plain

    def mask(self, value: bytes) -> bytes:
        """内容なし — a file is not shown in part."""
        return b""
