# SPDX-License-Identifier: Apache-2.0
"""マークル木 — the hash tree of an append-only log, with its proofs (RFC 6962 section 2.1, RFC 9162 section 2.1).

A root covers every entry before it, in order: whoever keeps a root elsewhere can show any later change, removal
or rewriting of those entries. :class:`Frontier` grows a tree by keeping only the roots of its complete subtrees.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256().digest()


def leaf_hash(entry: bytes) -> bytes:
    """葉のハッシュ — SHA-256 over 0x00 and the entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """節のハッシュ — SHA-256 over 0x01 and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier(NamedTuple):
    """木の前線 — the number of entries, and the roots of the complete subtrees they make, the largest first."""

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def grown(self, leaves: Iterable[bytes]) -> Frontier:
        """追加 — the frontier after further leaf hashes."""
        size, roots = self.size, list(self.roots)
        for leaf in leaves:
            merged, bit = leaf, 1
            while size & bit:
                merged, bit = node_hash(roots.pop(), merged), bit << 1
            roots.append(merged)
            size += 1
        return Frontier(size, tuple(roots))

    @property
    def root(self) -> bytes:
        """根 — the root of the whole tree; of an empty one SHA-256 of nothing."""
        if not self.roots:
            return EMPTY_ROOT
        *others, root = self.roots
        for left in reversed(others):
            root = node_hash(left, root)
        return root


def frontier_of(leaves: Iterable[bytes]) -> Frontier:
    """前線 — of leaf hashes from the first entry on.

    >>> frontier_of([leaf_hash(b"")]).root.hex()[:16]
    '6e340b9cffb37a98'
    """
    return Frontier().grown(leaves)


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """包含証明 — the hashes that lead from one leaf to the root of all (RFC 6962 2.1.1).

    Raises ``IndexError`` for a place outside the leaves.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(index, leaves[:split]), frontier_of(leaves[split:]).root]
    return [*inclusion_proof(index - split, leaves[split:]), frontier_of(leaves[:split]).root]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """包含証明の検証 — whether the leaf stands at the place in the tree of that size and root (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(step, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, step)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def consistency_proof(old: Frontier, new: Sequence[bytes]) -> list[bytes]:
    """一貫性証明 — that the tree of ``old`` is the beginning of the tree with the ``new`` leaf hashes after it.

    Only the frontier and the leaves since are needed, not the entries before (RFC 6962 2.1.2).
    """
    size = old.size + len(new)
    if old.size in (0, size):
        return []
    return _consistency(old, 0, old.size, size, new, is_whole=True)


def _consistency(
    old: Frontier, start: int, kept: int, size: int, new: Sequence[bytes], *, is_whole: bool
) -> list[bytes]:
    """SUBPROOF over the ``size`` entries from ``start``, the first ``kept`` of which the old tree has."""
    if kept == size:
        return [] if is_whole else [_old_root(old, start)]
    split = _split(size)
    since = start + split - old.size
    if kept <= split:
        right = frontier_of(new[since : since + size - split]).root
        return [*_consistency(old, start, kept, split, new, is_whole=is_whole), right]
    left = _old_root(old, start, split)
    return [*_consistency(old, start + split, kept - split, size - split, new, is_whole=False), left]


def _old_root(old: Frontier, start: int, size: int | None = None) -> bytes:
    """The root over the old entries from ``start``: one complete subtree, or all that are left."""
    place, parts = 0, []
    for width, root in zip(_widths(old.size), old.roots, strict=True):
        if place >= start and (size is None or place < start + size):
            parts.append(root)
        place += width
    return Frontier(0, tuple(parts)).root


def is_consistent(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """一貫性証明の検証 — whether the older tree is the beginning of the newer one (RFC 9162 2.1.4.2)."""
    if not 0 <= old_size <= size:
        return False
    if old_size in (0, size):
        return not proof and (old_root == root if old_size else old_root == EMPTY_ROOT)
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        return False
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    before = after = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, step)
        node, last = node >> 1, last >> 1
    return last == 0 and before == old_root and after == root


def _split(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1


def _widths(size: int) -> list[int]:
    """The sizes of the complete subtrees of a tree, the largest first."""
    return [1 << bit for bit in range(size.bit_length() - 1, -1, -1) if size >> bit & 1]
