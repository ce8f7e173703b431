# SPDX-License-Identifier: Apache-2.0
"""マークル木 — the published roots of Certificate Transparency's test leaves, and proofs that cannot be bent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasuki.security.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    frontier_of,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
)

# The eight test leaves of the Certificate Transparency project, with the roots it publishes for one and eight.
CT_LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
CT_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
ENTRIES = st.lists(st.binary(max_size=3), min_size=1, max_size=40)


def leaves_of(entries: list[bytes]) -> list[bytes]:
    return [leaf_hash(entry) for entry in entries]


def whole_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1, as it is written there."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(whole_root(leaves[:split]), whole_root(leaves[split:]))


@pytest.mark.parametrize("size", CT_ROOTS)
def test_the_published_roots(size: int) -> None:
    leaves = leaves_of([bytes.fromhex(each) for each in CT_LEAVES[:size]])
    assert frontier_of(leaves).root.hex() == CT_ROOTS[size]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert Frontier().root == EMPTY_ROOT


@given(ENTRIES, st.data())
def test_a_tree_grown_in_parts_is_the_tree_of_all(entries: list[bytes], data: st.DataObject) -> None:
    leaves = leaves_of(entries)
    cut = data.draw(st.integers(0, len(leaves)))
    assert frontier_of(leaves[:cut]).grown(leaves[cut:]).root == whole_root(leaves)


@given(ENTRIES, st.data())
def test_an_entry_is_proved_at_its_own_place_only(entries: list[bytes], data: st.DataObject) -> None:
    leaves = leaves_of([bytes([number]) for number, _ in enumerate(entries)])
    root, size = frontier_of(leaves).root, len(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, leaves)
    assert is_included(leaves[index], index, size, proof, root)
    for other in range(size):
        if other != index:
            assert not is_included(leaves[index], other, size, proof, root)
    assert not is_included(leaf_hash(b"other"), index, size, proof, root)


@given(ENTRIES, st.data())
def test_a_longer_tree_is_proved_from_the_frontier_and_the_entries_since(
    entries: list[bytes], data: st.DataObject
) -> None:
    leaves = leaves_of(entries)
    cut = data.draw(st.integers(0, len(leaves)))
    old, new = frontier_of(leaves[:cut]), frontier_of(leaves)
    proof = consistency_proof(old, leaves[cut:])
    assert is_consistent(old.size, old.root, new.size, new.root, proof)
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        bent = [*proof[:place], leaf_hash(b"bent"), *proof[place + 1 :]]
        assert not is_consistent(old.size, old.root, new.size, new.root, bent)
        assert not is_consistent(old.size, old.root, new.size, new.root, proof[:-1])
        assert not is_consistent(old.size, old.root, new.size, new.root, [*proof, proof[0]])


@given(ENTRIES, st.data())
def test_a_tree_that_was_rewritten_before_the_old_size_is_never_consistent(
    entries: list[bytes], data: st.DataObject
) -> None:
    leaves = leaves_of(entries)
    cut = data.draw(st.integers(1, len(leaves)))
    old = frontier_of(leaves[:cut])
    changed = data.draw(st.integers(0, cut - 1))
    other = [*leaves[:changed], leaf_hash(b"rewritten"), *leaves[changed + 1 :]]
    new = frontier_of(other)
    for begin in (old, frontier_of(other[:cut])):
        proof = consistency_proof(begin, other[cut:])
        assert not is_consistent(old.size, old.root, new.size, new.root, proof)


def test_a_place_outside_is_refused() -> None:
    with pytest.raises(IndexError):
        inclusion_proof(1, leaves_of([b"one"]))
    assert not is_consistent(2, EMPTY_ROOT, 1, EMPTY_ROOT, [])


SIZES = range(1, 18)


@pytest.mark.parametrize("size", SIZES)
def test_every_place_of_every_small_tree_is_proved_by_its_own_steps_only(size: int) -> None:
    leaves = leaves_of([bytes([each]) for each in range(size)])
    root, foreign = whole_root(leaves), leaf_hash(b"foreign")
    for index in range(size):
        proof, leaf = inclusion_proof(index, leaves), leaves[index]
        assert is_included(leaf, index, size, proof, root)
        assert not is_included(leaf, index, size, [*proof, foreign], root)
        assert not is_included(foreign, index, size, proof, root)
        for place in range(len(proof)):
            assert not is_included(leaf, index, size, [*proof[:place], foreign, *proof[place + 1 :]], root)
            assert not is_included(leaf, index, size, [*proof[:place], *proof[place + 1 :]], root)
        for wrong in (-1, size, size + 1):
            assert is_included(leaf, wrong, size, proof, root) is False


@pytest.mark.parametrize("size", SIZES)
def test_every_beginning_of_every_small_tree_is_proved_by_its_own_steps_only(size: int) -> None:
    leaves = leaves_of([bytes([each]) for each in range(size)])
    root, foreign = whole_root(leaves), leaf_hash(b"foreign")
    for old_size in range(size + 1):
        old = frontier_of(leaves[:old_size])
        proof = consistency_proof(old, leaves[old_size:])
        assert (proof == []) == (old_size in (0, size))
        assert is_consistent(old_size, old.root, size, root, proof)
        assert not is_consistent(old_size, foreign, size, root, proof)
        # An empty log is the beginning of every log, whatever its root: nothing of the newer one is claimed.
        assert is_consistent(old_size, old.root, size, foreign, proof) is (old_size == 0)
        assert not is_consistent(old_size, old.root, size, root, [*proof, foreign])
        for place in range(len(proof)):
            assert not is_consistent(
                old_size, old.root, size, root, [*proof[:place], foreign, *proof[place + 1 :]]
            )
            assert not is_consistent(old_size, old.root, size, root, proof[:place])
    for wrong in (-1, size + 1):
        assert is_consistent(wrong, root, size, root, []) is False


def test_a_place_outside_the_leaves_has_no_proof() -> None:
    leaves = leaves_of([b"a", b"b"])
    for wrong in (-1, 2):
        with pytest.raises(IndexError):
            inclusion_proof(wrong, leaves)
