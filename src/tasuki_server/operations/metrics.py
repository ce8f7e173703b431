# SPDX-License-Identifier: Apache-2.0
"""計測値 — counters and times of a generation for Prometheus; every label is one of a fixed set, and none is of a person.

Each process counts for itself; whoever is asked adds up what all of them counted (:mod:`.siblings`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.samples import Sample

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


class Figure(NamedTuple):
    """数値 — one line of the metrics, as one process has it."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


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


_KEPT = KeptState()
# 足さないもの: a clock is not added up, and neither is a limit.
_EARLIEST = ("_created", "process_start_time_seconds")
_LARGEST = ("tasuki_draining", "process_max_fds")


def figures_here() -> list[Figure]:
    """このプロセスの数値 — every line of its own."""
    return [
        Figure(each.name, tuple(sorted(each.labels.items())), each.value)
        for metric in REGISTRY.collect()
        for each in metric.samples
    ]


def metrics_text(others: Sequence[Iterable[Figure]] = ()) -> bytes:
    """計測値の文書 — as Prometheus reads it: of this process and ``others`` together."""
    return generate_latest(_Together(others))  # type: ignore[arg-type]


class _Together:
    """全プロセスの数値 — added up, line by line; a line that only another process has is there too."""

    def __init__(self, others: Sequence[Iterable[Figure]]) -> None:
        self._others = others

    def collect(self) -> Iterator[Metric]:
        """計測値の収集 — and from how many processes."""
        metrics = list(REGISTRY.collect())
        told: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
        for figure in (figure for every in (figures_here(), *self._others) for figure in every):
            key = (figure.name, figure.labels)
            told[key] = _joined(figure.name, told[key], figure.value) if key in told else figure.value
        for metric in metrics:
            names = {f"{metric.name}{end}" for end in _ENDS}
            samples = [
                Sample(name, dict(labels), value) for (name, labels), value in told.items() if name in names
            ]
            yield _with_samples(metric, samples)
        yield GaugeMetricFamily(
            "tasuki_web_processes", "Processes these figures are of", value=1 + len(self._others)
        )
        yield from _KEPT.collect()


_ENDS = ("", "_total", "_created", "_bucket", "_sum", "_count")


def _joined(name: str, one: float, other: float) -> float:
    if name.endswith(_EARLIEST):
        return min(one, other)
    return max(one, other) if name in _LARGEST else one + other


def _with_samples(metric: Metric, samples: list[Sample]) -> Metric:
    made = Metric(metric.name, metric.documentation, metric.type, metric.unit)
    made.samples = samples
    return made
