# SPDX-License-Identifier: Apache-2.0
"""控えの長さ — of long texts that a sender wrote nothing stays, whatever is made of them."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tasuki.kernel.finding import BadInput
from tasuki.kernel.kept import LONGEST_KEPT
from tasuki.prescriptions.checks import _faults_of
from tasuki.prescriptions.outside_layout import OUTSIDE
from tasuki.sharing.fhir_xml import read_fhir_xml
from tasuki.sharing.search.addresses import address_of
from tasuki.sharing.search.entries import fold
from tasuki.sharing.search.moments import span_of


def of_drug(text: str) -> Any:
    return _faults_of(OUTSIDE, OUTSIDE.layouts["201"], ("201", text))


@pytest.mark.parametrize("make", [fold, span_of, address_of, of_drug])
def test_of_long_texts_nothing_is_kept(make: Any):
    texts = [f"{number} {'長' * LONGEST_KEPT}" for number in range(20)]
    before = [sys.getrefcount(text) for text in texts]
    for place in range(len(texts)):
        make(texts[place])
    assert [sys.getrefcount(text) for text in texts] == before


def test_of_names_that_no_resource_has_nothing_is_kept():
    from tasuki.sharing.fhir_xml.members import is_resource

    assert is_resource("Patient") and not is_resource("Quantity")
    name = "".join(("Nobody", "s" * LONGEST_KEPT))
    before = sys.getrefcount(name)
    assert not is_resource(name)
    assert sys.getrefcount(name) == before
    with pytest.raises(BadInput):
        read_fhir_xml(f'<{name} xmlns="http://hl7.org/fhir"/>'.encode())
