# SPDX-License-Identifier: Apache-2.0
"""検査値の推移."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.invented import TREND
from tasuki.forms.graphs import Trend, TrendPoint, trend

SVG = "{http://www.w3.org/2000/svg}"


def parts(svg: str, name: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(svg).findall(f"{SVG}{name}")


def curve(svg: str) -> list[ElementTree.Element]:
    return [line for line in parts(svg, "line") if line.get("stroke-width") == "1.2"]


def test_values_out_of_range_differ_by_shape_and_letter() -> None:
    svg = trend(TREND)
    words = [text.text for text in parts(svg, "text")]
    assert {"7.8H", "6.4H", "5.9", "<4.5L"} <= set(words)
    assert len(parts(svg, "path")) == 3
    assert len(parts(svg, "circle")) == 1


def test_a_day_without_value_breaks_the_line_and_stays_on_the_axis() -> None:
    svg = trend(TREND)
    assert len(curve(svg)) == 2
    assert "2025-12-01 測定不能" in svg


def test_days_stand_at_their_true_distance() -> None:
    start = date(2026, 1, 1)
    points = tuple(TrendPoint(start + timedelta(days=d), Decimal(1)) for d in (0, 10, 40))
    xs = [float(c.get("cx") or 0) for c in parts(trend(Trend("尿酸", "", points)), "circle")]
    assert (xs[2] - xs[1]) / (xs[1] - xs[0]) == pytest.approx(3, abs=0.02)


def test_the_range_is_a_band_between_its_bounds() -> None:
    svg = trend(TREND)
    band = parts(svg, "rect")[1]
    dashed = [float(line.get("y1") or 0) for line in parts(svg, "line") if line.get("stroke-dasharray")]
    top = float(band.get("y") or 0)
    assert sorted(dashed) == pytest.approx([top, top + float(band.get("height") or 0)])
    assert "基準範囲 4.6～6.2" in svg
    assert len(parts(trend(replace(TREND, low=None, high=None)), "rect")) == 1


@pytest.mark.parametrize(
    "points", [(), (TrendPoint(date(2026, 6, 1), Decimal("5")),), (TrendPoint(date(2026, 6, 1), None),)]
)
def test_none_or_one_result_still_draws_a_chart(points: tuple[TrendPoint, ...]) -> None:
    assert parts(trend(Trend("ＣＲＰ", "mg/dL", points)), "line")


def test_text_is_escaped_and_no_style_or_script_is_used() -> None:
    svg = trend(replace(TREND, title="<script>alert(1)</script>", unit='"&'))
    assert "<script" not in svg
    assert "style=" not in svg
    assert ElementTree.fromstring(svg).findtext(f"{SVG}title") == '<script>alert(1)</script>（"&）'


@given(
    st.lists(
        st.tuples(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.decimals(-10000, 10000, places=3)),
        min_size=1,
        max_size=30,
    )
)
def test_every_mark_lies_inside_the_drawing(results: list[tuple[date, Decimal]]) -> None:
    chart = Trend("検査", "", tuple(TrendPoint(day, value) for day, value in sorted(results)))
    for mark in parts(trend(chart), "circle"):
        assert 52 <= float(mark.get("cx") or 0) <= 458
        assert 27.9 <= float(mark.get("cy") or 0) <= 166.1
