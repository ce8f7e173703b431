# SPDX-License-Identifier: Apache-2.0
"""植えた誤り — kinds of fault planted in a conforming resource, each certain to break it.

A fault is a function of a fresh copy and a random source; it changes the copy and returns where, or returns ``None``
when the resource has no place for it. Those that need to know the profile are in :mod:`profile_faults`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

Resource = dict[str, Any]
Fault = Callable[[Resource, random.Random], str | None]
FAULTS: dict[str, Fault] = {}
MOMENTS = ("lastUpdated", "timestamp", "issued")
DATE_TIMES = ("authoredOn", "recordedDate", "effectiveDateTime", "date", "start", "end")


def fault(act: Fault) -> Fault:
    FAULTS[act.__name__] = act
    return act


def holders(value: Any, path: str = "") -> Iterator[tuple[dict[str, Any], str]]:
    """Every object, with its place; the narrative is left alone."""
    if isinstance(value, dict):
        yield value, path
        for key, inner in value.items():
            if key != "text" or not isinstance(inner, dict) or "div" not in inner:
                yield from holders(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from holders(inner, f"{path}[{number}]")


def pick(resource: Resource, chosen: random.Random, test: Callable[[dict[str, Any], str, Any], bool]) -> Any:
    """One (holder, key, place) for which the test holds."""
    found = [
        (holder, key, f"{path}.{key}")
        for holder, path in holders(resource)
        for key, value in holder.items()
        if test(holder, key, value)
    ]
    return chosen.choice(found) if found else None


def put(resource: Resource, chosen: random.Random, test: Any, make: Callable[[Any], Any]) -> str | None:
    place = pick(resource, chosen, test)
    if place is None:
        return None
    holder, key, path = place
    holder[key] = make(holder[key])
    return str(path)


@fault
def unknown_element(resource: Resource, chosen: random.Random) -> str | None:
    holder, path = chosen.choice(list(holders(resource)))
    holder["架空の項目"] = "x"
    return path


@fault
def misspelt_element(resource: Resource, chosen: random.Random) -> str | None:
    place = pick(resource, chosen, lambda h, k, v: k != "resourceType")
    holder, key, path = place
    holder[key + "z"] = holder.pop(key)
    return str(path)


@fault
def null_value(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: k != "resourceType", lambda v: None)


@fault
def empty_text(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: isinstance(v, str) and k != "resourceType", lambda v: "")


@fault
def blank_text(resource: Resource, chosen: random.Random) -> str | None:
    return put(
        resource, chosen, lambda h, k, v: isinstance(v, str) and k in ("text", "display"), lambda v: " 　"
    )


@fault
def empty_list(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: isinstance(v, list), lambda v: [])


@fault
def empty_object(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: isinstance(v, dict), lambda v: {})


@fault
def null_in_list(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: isinstance(v, list), lambda v: [*v, None])


@fault
def list_unwrapped(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: isinstance(v, list) and v, lambda v: v[0])


@fault
def single_wrapped(resource: Resource, chosen: random.Random) -> str | None:
    return put(
        resource, chosen, lambda h, k, v: not isinstance(v, list) and k != "resourceType", lambda v: [v]
    )


@fault
def object_as_text(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: isinstance(v, dict), lambda v: "文字")


@fault
def text_as_object(resource: Resource, chosen: random.Random) -> str | None:
    return put(
        resource, chosen, lambda h, k, v: isinstance(v, str) and k != "resourceType", lambda v: {"value": v}
    )


@fault
def text_as_number(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: isinstance(v, str) and k != "resourceType", lambda v: 1)


@fault
def number_quoted(resource: Resource, chosen: random.Random) -> str | None:
    return put(
        resource,
        chosen,
        lambda h, k, v: isinstance(v, int | float) and not isinstance(v, bool),
        lambda v: str(v),
    )


@fault
def boolean_quoted(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: isinstance(v, bool), lambda v: str(v).lower())


@fault
def unknown_resource_type(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: k == "resourceType", lambda v: v + "s")


@fault
def no_resource_type(resource: Resource, chosen: random.Random) -> str | None:
    holder, key, path = pick(resource, chosen, lambda h, k, v: k == "resourceType")
    del holder[key]
    return str(path)


@fault
def date_with_slashes(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, _is_dated, lambda v: v[:10].replace("-", "/"))


@fault
def day_not_in_calendar(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, _is_dated, lambda v: "2026-02-30" + v[10:])


@fault
def time_without_zone(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: _is_dated(h, k, v) and "T" in v, lambda v: v[:19])


@fault
def time_without_seconds(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: _is_dated(h, k, v) and "T" in v, lambda v: v[:16] + "+09:00")


@fault
def japanese_era(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, _is_dated, lambda v: "令和8年4月1日")


@fault
def instant_as_date(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: k in MOMENTS and isinstance(v, str), lambda v: v[:10])


@fault
def blank_in_uri(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: k in ("system", "url") and ":" in str(v), lambda v: v + " x")


@fault
def bad_id(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: k == "id" and "resourceType" in h, lambda v: "患者_1")


@fault
def blank_beside_code(resource: Resource, chosen: random.Random) -> str | None:
    return put(
        resource, chosen, lambda h, k, v: k in ("code", "status") and isinstance(v, str), lambda v: v + " "
    )


@fault
def unknown_status(resource: Resource, chosen: random.Random) -> str | None:
    names = ("status", "gender", "intent", "criticality", "severity", "use")
    return put(resource, chosen, lambda h, k, v: k in names and isinstance(v, str), lambda v: "kakuu")


@fault
def two_of_a_choice(resource: Resource, chosen: random.Random) -> str | None:
    pairs = {
        "valueQuantity": "valueString",
        "onsetDateTime": "onsetString",
        "effectiveDateTime": "effectiveInstant",
    }
    place = pick(resource, chosen, lambda h, k, v: k in pairs and "url" not in h)
    if place is None:
        return None
    holder, key, path = place
    holder[pairs[key]] = "2026-04-01T09:00:00.000+09:00" if key == "effectiveDateTime" else "文字"
    return str(path)


@fault
def misshapen_partner(resource: Resource, chosen: random.Random) -> str | None:
    place = pick(
        resource,
        chosen,
        lambda h, k, v: k in ("status", "gender", "birthDate", "display", "text") and isinstance(v, str),
    )
    if place is None:
        return None
    holder, key, path = place
    holder["_" + key] = chosen.choice(["文字", {"value": "x"}, [{"id": "x"}], {}])
    return str(path)


@fault
def partner_of_other_length(resource: Resource, chosen: random.Random) -> str | None:
    place = pick(resource, chosen, lambda h, k, v: k in ("given", "profile") and isinstance(v, list))
    if place is None:
        return None
    holder, key, path = place
    holder["_" + key] = [{"id": "x"}] * (len(holder[key]) + 1)
    return str(path)


@fault
def script_in_narrative(resource: Resource, chosen: random.Random) -> str | None:
    bad = (
        "<script>x</script>",
        '<p onclick="x">x</p>',
        '<a href="javascript:x">x</a>',
        "<p>x",
        "<iframe>x</iframe>",
    )
    if "entry" in resource or ("contained" not in resource and resource.get("resourceType") == "Bundle"):
        return None
    resource["text"] = {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{chosen.choice(bad)}</div>',
    }
    return "text.div"


@fault
def extension_of_nothing(resource: Resource, chosen: random.Random) -> str | None:
    place = pick(resource, chosen, lambda h, k, v: k == "extension" and isinstance(v, list))
    if place is None:
        return None
    chosen.choice(place[0]["extension"]).update({"url": "http://example.org/x"})
    each = chosen.choice(place[0]["extension"])
    for key in [key for key in each if key != "url"]:
        del each[key]
    return str(place[2])


@fault
def extension_of_both(resource: Resource, chosen: random.Random) -> str | None:
    place = pick(resource, chosen, lambda h, k, v: k == "url" and any(key.startswith("value") for key in h))
    if place is None:
        return None
    place[0]["extension"] = [{"url": "http://example.org/x", "valueString": "x"}]
    return str(place[2])


@fault
def extension_of_other_type(resource: Resource, chosen: random.Random) -> str | None:
    place = pick(
        resource, chosen,
        lambda h, k, v: k.startswith("value") and str(h.get("url", "")).startswith("http://jpfhir.jp/"),
    )  # fmt: skip
    if place is None:
        return None
    holder, key, path = place
    del holder[key]
    holder["valueInteger" if key != "valueInteger" else "valueBoolean"] = 1 if key != "valueInteger" else True
    return str(path)


@fault
def contained_missing(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: k == "reference" and str(v)[:1] == "#", lambda v: "#nowhere")


@fault
def contained_unused(resource: Resource, chosen: random.Random) -> str | None:
    if "contained" not in resource:
        return None
    resource["contained"].append({"resourceType": "Practitioner", "id": "unused", "active": True})
    return "contained"


@fault
def contained_twice(resource: Resource, chosen: random.Random) -> str | None:
    if "contained" not in resource:
        return None
    resource["contained"].append(json.loads(json.dumps(resource["contained"][0], default=float)))
    return "contained"


@fault
def contained_in_contained(resource: Resource, chosen: random.Random) -> str | None:
    if "contained" not in resource:
        return None
    chosen.choice(resource["contained"])["contained"] = [
        {"resourceType": "Practitioner", "id": "deep", "active": True}
    ]
    return "contained.contained"


@fault
def reference_to_other_type(resource: Resource, chosen: random.Random) -> str | None:
    names = ("subject", "patient", "encounter", "performer", "requester", "recorder")
    place = pick(resource, chosen, lambda h, k, v: k in names and "reference" in str(v))
    if place is None:
        return None
    holder, key, path = place
    wrong = {"reference": "Questionnaire/1"}
    holder[key] = [wrong] if isinstance(holder[key], list) else wrong
    return str(path)


@fault
def unreadable_reference(resource: Resource, chosen: random.Random) -> str | None:
    return put(
        resource, chosen, lambda h, k, v: k == "reference" and isinstance(v, str), lambda v: "患者さん"
    )


@fault
def unanswered_in_bundle(resource: Resource, chosen: random.Random) -> str | None:
    if "entry" not in resource:
        return None
    lost = "urn:uuid:00000000-0000-4000-8000-000000000000"
    return put(
        resource, chosen, lambda h, k, v: k == "reference" and str(v).startswith("urn:"), lambda v: lost
    )


@fault
def same_address_twice(resource: Resource, chosen: random.Random) -> str | None:
    entries = resource.get("entry", [])
    if len(entries) < 2:
        return None
    entries[1]["fullUrl"] = entries[0]["fullUrl"]
    return "entry.fullUrl"


@fault
def first_entry_moved(resource: Resource, chosen: random.Random) -> str | None:
    if len(resource.get("entry", [])) < 2:
        return None
    resource["entry"].append(resource["entry"].pop(0))
    return "entry"


@fault
def profile_of_other_type(resource: Resource, chosen: random.Random) -> str | None:
    kind = resource["resourceType"]
    other = "JP_Location" if kind != "Location" else "JP_Coverage"
    resource.setdefault("meta", {})["profile"] = [f"http://jpfhir.jp/fhir/core/StructureDefinition/{other}"]
    return "meta.profile"


@fault
def period_backwards(resource: Resource, chosen: random.Random) -> str | None:
    return put(
        resource, chosen,
        lambda h, k, v: k in ("period", "valuePeriod", "effectivePeriod", "performedPeriod") and isinstance(v, dict),
        lambda v: {"start": "2026-04-02T09:00:00+09:00", "end": "2026-04-01T09:00:00+09:00"},
    )  # fmt: skip


@fault
def unit_code_without_system(resource: Resource, chosen: random.Random) -> str | None:
    place = pick(resource, chosen, lambda h, k, v: k == "system" and "unit" in h and "code" in h)
    if place is None:
        return None
    del place[0]["system"]
    return str(place[2])


def _is_dated(holder: dict[str, Any], key: str, value: Any) -> bool:
    names = (*MOMENTS, *DATE_TIMES, "birthDate", "onsetDateTime", "abatementDateTime")
    return key in names and isinstance(value, str) and len(value) >= 10 and value[:4].isdigit()
