# SPDX-License-Identifier: Apache-2.0
"""計測値 — counters and times of this process for Prometheus; every label is one of a fixed set, and none is of a person."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from tasuki_server.operations.kept_state import read_state

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
OTHER = "other"
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
ANSWERS = Counter(
    "tasuki_answers", "Answers by room and class of status", ("room", "status"), registry=REGISTRY
)
ANSWER_SECONDS = Histogram(
    "tasuki_answer_seconds", "Seconds from a request's arrival to the end of its answer", ("room",),
    buckets=SECONDS, registry=REGISTRY,
)  # fmt: skip
PAGES = Counter(
    "tasuki_pages", "Pages by the name of their address", ("route", "method", "status"), registry=REGISTRY
)
PAGE_SECONDS = Counter("tasuki_page_seconds", "Seconds spent making pages", ("route",), registry=REGISTRY)
IN_FLIGHT = Gauge("tasuki_requests_in_flight", "Requests being answered", ("room",), registry=REGISTRY)
DRAINING = Gauge("tasuki_draining", "1 while this generation hands over to the next one", registry=REGISTRY)


def status_class(status: int) -> str:
    """状態の区分 — one of five, or other.

    >>> status_class(204), status_class(503), status_class(0)
    ('2xx', '5xx', 'other')
    """
    return f"{status // 100}xx" if 100 <= status < 600 else OTHER


def method_of(method: str) -> str:
    """方式 — a method that pages know, or other: what a client made up becomes no label.

    >>> method_of("GET"), method_of("YAMADA")
    ('GET', 'other')
    """
    return method if method in METHODS else OTHER


class KeptState:
    """番の控え — what the keeper of ``up`` measured last, as gauges."""

    _GAUGES = (
        ("tasuki_trail_checkpoint_age_seconds", "checkpoint_seconds", "Age of the oldest trail's unsigned events"),
        ("tasuki_work_silent_seconds", "work_seconds", "Longest time without a beat of a work that is not done"),
        ("tasuki_watch_waiting_events", "watch_waiting", "Events the watch for misuse has not read"),
        ("tasuki_disk_free_bytes", "disk_free_bytes", "Free bytes where the data lies"),
        ("tasuki_clock_error_seconds", "clock_error_seconds", "Largest error of the clock as the kernel reckons it"),
        ("tasuki_availability_ratio", "availability", "Served hours over planned hours of the last 365 days"),
        ("tasuki_availability_month_ratio", "availability_month", "Served hours over planned hours of this month so far"),
        ("tasuki_kept_at_seconds", "at", "When these were measured"),
    )  # fmt: skip

    def collect(self) -> Iterator[Metric]:
        """計測値の収集 — nothing is said of what was not measured."""
        state = read_state()
        for name, key, text in self._GAUGES:
            value = state.get(key)
            if isinstance(value, int | float):
                yield GaugeMetricFamily(name, text, value=value)


REGISTRY.register(KeptState())  # type: ignore[arg-type]


def metrics_text() -> bytes:
    """計測値の文書 — as Prometheus reads it."""
    return generate_latest(REGISTRY)
