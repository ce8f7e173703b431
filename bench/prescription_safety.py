# SPDX-License-Identifier: Apache-2.0
"""処方の点検 — planted dangers found of those planted, what is told beside them, and checks a second.

``python bench/prescription_safety.py [--size N]`` plants N made-up prescriptions in the starter drugs.
"""

from __future__ import annotations

import argparse
import time
from datetime import date, timedelta
from decimal import Decimal

from figures import report
from tasuki.chart.visit import Sex
from tasuki.masters.starter import load_starter
from tasuki.prescriptions.safety import Allergy, Condition, Medicine, Patient, check, starter_knowledge
from tasuki.prescriptions.safety.planted import DAY, catalogue_of, measure, plant

# A check of five drugs against thirty must leave a service of 300 a second most of a core.
MOST_MILLISECONDS = 0.3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=6_000, help="planted prescriptions")
    size = parser.parse_args().size
    book, knowledge = load_starter().at(DAY), starter_knowledge()
    drugs = [rows[0] for rows in book.book.drugs.values()]
    catalogue = catalogue_of(drugs, knowledge)
    recall = measure(plant(catalogue, knowledge, size), catalogue, knowledge)
    for kind in sorted(recall.planted):
        found, planted = recall.found[kind], recall.planted[kind]
        report(f"prescription_safety/recall {kind}", 100 * found / planted, "%", f"{planted} planted", 1.0)
    report("prescription_safety/recall", 100 * recall.rate, "%", f"{recall.planted.total()} planted", 1.0)
    report("prescription_safety/false alarms", len(recall.false_alarms), "alerts", 0)
    for alert in recall.false_alarms[:20]:
        report(f"prescription_safety/false alarm {alert.code} {alert.cause}", 1, "alert")
    for name, count in sorted(recall.beside.items()):
        each = count / max(recall.planted.total(), 1)
        report(f"prescription_safety/told beside, a prescription: {name}", each, "alerts")
    products = catalogue.products
    for label, step in (("spread over the starter", 11), ("with many alerts", 3)):
        prescribed = [_medicine(each, f"a:{n:03}") for n, each in enumerate(products[40::step][:5])]
        earlier = [_medicine(each, "", 14) for each in products[::step][:30]]
        patient = Patient(
            date(1950, 4, 4),
            Sex.FEMALE,
            (Condition("5319009", "胃潰瘍", ("K259",)),),
            (Allergy("ペニシリン"),),
        )
        told = len(check(prescribed, patient, earlier, (), knowledge, DAY))
        times = []
        for _ in range(2_000):
            begun = time.process_time_ns()
            check(prescribed, patient, earlier, (), knowledge, DAY)
            times.append(time.process_time_ns() - begun)
        median = sorted(times)[len(times) // 2] / 1e6
        name = f"prescription_safety/5 drugs against 30, {label} ({told} alerts), median of processor time"
        report(name, median, "ms", MOST_MILLISECONDS)
        report(f"prescription_safety/checks of one core, {label}", 1000 / median, "checks/s", 300)


def _medicine(drug, place: str, days_ago: int = 0) -> Medicine:  # type: ignore[no-untyped-def]
    since = DAY - timedelta(days=days_ago)
    return Medicine(
        drug.code, drug.name, drug.price_list_code, since, since + timedelta(days=27), place,
        amount=Decimal(3), unit=drug.unit_name,
    )  # fmt: skip


if __name__ == "__main__":
    main()
