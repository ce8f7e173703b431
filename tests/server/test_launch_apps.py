# SPDX-License-Identifier: Apache-2.0
"""連携アプリ（SMART App Launch） — what an app gets, what it does not, and that whatever is used twice ends everything."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.utils import timezone

from exchange import Place, observation, patient
from made_up import make_patient
from tasuki.sharing.build.names import PATIENT_NUMBER

pytestmark = pytest.mark.server
BACK = "https://app.example/back?of=1"
BASE = "http://testserver/platform/v1/fhir"
USUAL = "launch/patient patient/*.rs openid fhirUser offline_access"


class App:
    """An app outside: it knows its number, where it comes back to, and the secret of each request."""

    def __init__(self, client_id: str) -> None:
        self.client_id, self.verifier = client_id, ""
        self.token = ""

    def asks(self, scope: str = USUAL, **other: str) -> dict[str, str]:
        self.verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": BACK, "scope": scope, "state": "s-1",
            "aud": BASE, "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256", "nonce": "n-1",
        }  # fmt: skip
        return asked | other

    def form(self, path: str, **given: str) -> tuple[int, dict]:
        from tasuki_server.platform.house import ask_in_house

        body = urlencode({"client_id": self.client_id} | given).encode()
        headers = {"host": "testserver", "content-type": "application/x-www-form-urlencoded"}
        told = ask_in_house("POST", f"fhir/{path}", {}, headers, "", body)
        return told.status, json.loads(told.body)

    def exchange(self, code: str, **other: str) -> tuple[int, dict]:
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": self.verifier,
        }
        return self.form("token", **(given | other))

    def refresh(self, token: str, **other: str) -> tuple[int, dict]:
        return self.form("token", grant_type="refresh_token", refresh_token=token, **other)

    def get(self, path: str, token: str) -> tuple[int, dict]:
        from tasuki_server.platform.engine import Pairs
        from tasuki_server.platform.house import ask_in_house

        where, _, query = path.partition("?")
        told = ask_in_house("GET", f"fhir/{where}", Pairs.read(query), {"host": "testserver"}, token, b"")
        return told.status, json.loads(told.body) if told.body else {}


@pytest.fixture(scope="module")
def clinic(server):
    from tasuki_server.platform.house import close_house

    yield server.first
    close_house()


@pytest.fixture(scope="module")
def here(clinic):
    """The clinic in the exchange, with its token."""
    from tasuki_server.api.app_access import connected_here

    with clinic.work():
        row = connected_here()
    return row


@pytest.fixture(scope="module")
def person(clinic, here):
    """A patient of the clinic, and their Patient in the exchange with a result; and somebody else."""
    from tasuki_server.platform.clients import house_token
    from tasuki_server.records.rules import set_rules

    set_rules("試験", policy="open")
    with clinic.work():
        number = make_patient().number
    place = Place.__new__(Place)
    place.token, place.row = house_token(clinic.id), here
    identifier = [{"system": PATIENT_NUMBER + here.institution_number, "value": str(number)}]
    mine = place("POST", "Patient", patient(identifier=identifier)).value["id"]
    other = place("POST", "Patient", patient()).value["id"]
    results = [place("POST", "Observation", observation(each)).value["id"] for each in (mine, other)]
    # Another institution that says it is the same person: it is not asked.
    Place("9990077", "よその医院")("POST", "Patient", patient(identifier=identifier))
    return {"number": number, "mine": mine, "other": other, "results": results}


@pytest.fixture(scope="module")
def app(here):
    from tasuki_server.exchange.app_registering import register_app

    return App(str(register_app(here, "服薬の見張り", [BACK], USUAL.split(), timezone.now()).pk))


@pytest.fixture(scope="module")
def doctor(clinic):
    return clinic.browser("doctor")


def allowed(doctor, asked: dict[str, str], person) -> str:
    """The code that the clinician's consent gives to the app."""
    page = doctor.get("/connections/authorize/", asked | {"number": person["number"]})
    assert page.status_code == 200, page.content.decode()
    told = doctor.post(
        "/connections/authorize/", asked | {"number": person["number"], "place": person["mine"]}
    )
    back = returned(told)
    assert back["state"] == ["s-1"] and back["iss"] == [BASE]
    return back["code"][0]


def returned(page) -> dict[str, list[str]]:
    assert page.status_code in (200, 400), page.content.decode()
    address = re.search(
        r'content="0;url=([^"]+)"|class="button" href="(https://app[^"]+)"', page.content.decode()
    )
    assert address, page.content.decode()
    text = unescape(address[1] or address[2])
    assert text.startswith(BACK + "&")
    return parse_qs(urlsplit(text).query)


def test_a_clinician_allows_one_patient_and_the_app_reads_nobody_else(clinic, doctor, app, person):
    from tasuki_server.audit.models import AuditEvent

    asked = app.asks()
    page = doctor.get("/connections/authorize/", asked).content.decode()
    assert "服薬の見張り" in page and "その患者のすべての記録を検索して読む" in page
    code = allowed(doctor, asked, person)
    status, told = app.exchange(code)
    assert status == 200, told
    assert told["patient"] == person["mine"] and 0 < told["expires_in"] <= 300
    token = told["access_token"]
    assert app.get(f"Patient/{person['mine']}", token)[0] == 200
    assert app.get(f"Patient/{person['other']}", token)[0] == 404
    assert app.get(f"Observation/{person['results'][1]}", token)[0] == 404
    assert app.get(f"Observation/{person['results'][1]}/_history", token)[0] == 404
    found = app.get("Observation", token)[1]
    assert [each["resource"]["id"] for each in found["entry"]] == [person["results"][0]]
    assert len(app.get("Patient", token)[1]["entry"]) == 1
    assert [
        each["resource"]["id"] for each in app.get(f"Patient/{person['other']}/*", token)[1].get("entry", ())
    ] == []
    assert app.get("AuditEvent", token)[0] == 403
    assert app.get("Organization", token)[0] == 403
    assert app.get("$export", token)[0] == 403
    with clinic.work():
        events = AuditEvent.objects.filter(action="app.allow")
        assert events.count() == 1 and events.get().patient_id is not None


def test_an_app_writes_nothing(doctor, app, person):
    from tasuki_server.platform.house import ask_in_house

    token = app.exchange(allowed(doctor, app.asks(), person))[1]["access_token"]
    body = json.dumps(observation(person["mine"])).encode()
    headers = {"host": "testserver", "content-type": "application/fhir+json"}
    for method, path in (("POST", "Observation"), ("DELETE", f"Observation/{person['results'][0]}")):
        told = ask_in_house(method, f"fhir/{path}", {}, headers, token, body if method == "POST" else b"")
        assert told.status == 403
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"resource": observation(person["mine"]), "request": {"method": "POST", "url": "Observation"}}]}  # fmt: skip
    assert ask_in_house("POST", "fhir/", {}, headers, token, json.dumps(bundle).encode()).status == 403


def test_the_identity_is_checked_by_the_published_key_and_can_be_read(doctor, app, person):
    from joserfc import jwt
    from joserfc.jwk import KeySet

    told = app.exchange(allowed(doctor, app.asks(), person))[1]
    keys = app.get(".well-known/jwks.json", "")[1]
    assert all("d" not in each for each in keys["keys"])
    said = jwt.decode(told["id_token"], KeySet.import_key_set(keys), algorithms=["ES256"]).claims
    assert said["iss"] == BASE and said["aud"] == app.client_id and said["nonce"] == "n-1"
    assert said["fhirUser"] == f"{BASE}/Practitioner/{said['sub']}"
    status, user = app.get(f"Practitioner/{said['sub']}", told["access_token"])
    assert status == 200 and user["name"][0]["text"]
    assert app.get(f"Practitioner/{secrets.token_hex(8)}", told["access_token"])[0] == 404


def test_what_is_declared_is_what_is_there(app):
    told = app.get(".well-known/smart-configuration", "")[1]
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["authorization_endpoint"] == "http://testserver/connections/authorize/"
    assert {"launch-standalone", "permission-patient", "sso-openid-connect"} <= set(told["capabilities"])
    assert app.get(".well-known/openid-configuration", "")[1]["jwks_uri"] == told["jwks_uri"]


def test_a_code_that_comes_twice_ends_every_token_of_it(doctor, app, person):
    code = allowed(doctor, app.asks(), person)
    told = app.exchange(code)[1]
    assert app.get(f"Patient/{person['mine']}", told["access_token"])[0] == 200
    status, refused = app.exchange(code)
    assert (status, refused["error"]) == (400, "invalid_grant")
    assert app.get(f"Patient/{person['mine']}", told["access_token"])[0] == 401
    assert app.refresh(told["refresh_token"])[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": secrets.token_urlsafe(48)},
        {"code_verifier": ""},
        {"redirect_uri": BACK + "2"},
        {"redirect_uri": ""},
    ],
)
def test_a_wrong_verifier_or_address_uses_the_code_up(doctor, app, person, wrong):
    code = allowed(doctor, app.asks(), person)
    assert app.exchange(code, **wrong)[1]["error"] == "invalid_grant"
    assert app.exchange(code)[1]["error"] == "invalid_grant"


def test_a_code_of_another_app_or_too_old_serves_nobody(doctor, app, person, here):
    from tasuki_server.exchange.app_registering import register_app
    from tasuki_server.exchange.models import AppSecret

    code = allowed(doctor, app.asks(), person)
    thief = App(str(register_app(here, "別のアプリ", [BACK], USUAL.split(), timezone.now()).pk))
    thief.verifier = app.verifier
    assert thief.exchange(code)[1]["error"] == "invalid_grant"
    AppSecret.objects.filter(kind="code", used_at=None).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    assert app.exchange(code)[1]["error"] == "invalid_grant"


def test_a_refresh_token_serves_once_and_never_widens(doctor, app, person):
    asked = app.asks("launch/patient patient/Observation.rs offline_access")
    first = app.exchange(allowed(doctor, asked, person))[1]
    assert app.get(f"Patient/{person['mine']}", first["access_token"])[0] == 403
    wider = app.refresh(first["refresh_token"], scope="patient/*.rs offline_access")
    assert wider[1]["error"] == "invalid_scope"
    second = app.refresh(first["refresh_token"], scope="patient/Observation.r offline_access")[1]
    assert second["scope"] == "offline_access patient/Observation.r"
    assert app.get(f"Observation/{person['results'][0]}", second["access_token"])[0] == 200
    assert app.get("Observation", second["access_token"])[0] == 403
    assert app.refresh(second["refresh_token"], scope="patient/Observation.rs")[1]["error"] == "invalid_scope"
    assert app.refresh(first["refresh_token"])[1]["error"] == "invalid_grant"
    assert app.get(f"Observation/{person['results'][0]}", second["access_token"])[0] == 401
    assert app.refresh(second["refresh_token"])[1]["error"] == "invalid_grant"


def test_without_offline_access_nothing_can_be_renewed(doctor, app, person):
    told = app.exchange(allowed(doctor, app.asks("launch/patient patient/Patient.r"), person))[1]
    assert "refresh_token" not in told and "id_token" not in told


def test_a_revoked_token_ends_its_permit(doctor, app, person):
    told = app.exchange(allowed(doctor, app.asks(), person))[1]
    assert app.form("revoke", token="tska_nobody") == (200, {})
    assert app.form("revoke", token=told["refresh_token"]) == (200, {})
    assert app.get(f"Patient/{person['mine']}", told["access_token"])[0] == 401


def test_an_unknown_app_and_a_wrong_address_are_told_nothing(doctor, app):
    for wrong in ({"client_id": secrets.token_hex(16)}, {"client_id": "x"}, {"redirect_uri": "https://evil.example/"},
                  {"redirect_uri": BACK + "&x=1"}, {"redirect_uri": BACK.upper()}):  # fmt: skip
        page = doctor.get("/connections/authorize/", app.asks() | wrong)
        assert page.status_code == 400
        assert (
            "evil.example" not in page.content.decode() and "app.example" not in page.content.decode().lower()
        )


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"aud": "https://elsewhere.example/fhir"}, "invalid_request"),
        ({"scope": "patient/*.cruds"}, "invalid_scope"),
        ({"scope": "system/*.rs"}, "invalid_scope"),
        ({"scope": "user/*.rs"}, "invalid_scope"),
        ({"scope": "launch/patient"}, "invalid_scope"),
        ({"scope": "patient/Organization.r"}, "invalid_scope"),
    ],
)
def test_what_cannot_be_allowed_goes_back_as_an_error(doctor, app, wrong, error):
    page = doctor.get("/connections/authorize/", app.asks() | wrong)
    assert returned(page)["error"] == [error]


def test_refusing_tells_the_app_and_gives_nothing(doctor, app, person):
    told = doctor.post("/connections/authorize/", app.asks() | {"refuse": "1"})
    assert returned(told)["error"] == ["access_denied"]
    page = doctor.get("/connections/authorize/", app.asks() | {"number": "987654"})
    assert page.status_code == 404 and "この番号の患者はいません" in page.content.decode()


def test_who_may_not_see_charts_allows_nothing(clinic, app):
    from django.test import Client

    assert clinic.browser("examiner").get("/connections/authorize/", app.asks()).status_code == 403
    assert Client().get("/connections/authorize/", app.asks()).status_code in (302, 403)


def test_another_institutions_app_is_not_known_here(server, app):
    page = server.second.browser("doctor").get("/connections/authorize/", app.asks())
    assert page.status_code == 400 and "登録されていない" in page.content.decode()


def test_narrowing_the_registration_counts_for_tokens_that_are_out(doctor, app, person):
    from tasuki_server.exchange.models import LaunchApp

    told = app.exchange(allowed(doctor, app.asks(), person))[1]
    rows = LaunchApp.objects.filter(pk=app.client_id)
    rows.update(scopes=["launch/patient", "patient/Patient.r"])
    assert app.get("Observation", told["access_token"])[0] == 403
    assert app.get(f"Patient/{person['mine']}", told["access_token"])[0] == 200
    rows.update(scopes=USUAL.split())


def test_the_administrator_registers_ends_and_stops(clinic, doctor, person):
    from tasuki_server.exchange.models import AppPermit, LaunchApp

    admin = clinic.browser("admin")
    typed = {"name": "もう一つのアプリ", "uris": BACK, "scopes": "launch/patient\npatient/Observation.rs"}
    for wrong in ({"uris": "javascript:alert(1)"}, {"uris": "http://app.example/"}, {"uris": BACK + "#x"}, {"name": " "},
                  {"scopes": "launch/patient"}, {"scopes": "system/*.rs"}, {"uris": "https://user@app.example/"}):  # fmt: skip
        page = admin.post("/connections/apps/new/", typed | wrong)
        assert page.status_code == 400 and 'role="alert"' in page.content.decode(), wrong
    assert admin.post("/connections/apps/new/", typed).status_code == 302
    row = LaunchApp.objects.get(name="もう一つのアプリ")
    app = App(str(row.pk))
    asked = app.asks("launch/patient patient/Observation.rs")
    first, second = (app.exchange(allowed(doctor, asked | _proof(app), person))[1] for _ in range(2))
    permits = AppPermit.objects.filter(app=row).order_by("made_at")
    page = admin.get("/connections/apps/").content.decode()
    assert str(row.pk) in page and "検査結果・測定値を検索して読む" in page
    admin.post(f"/connections/apps/permits/{permits[0].pk}/end/")
    assert app.get("Observation", first["access_token"])[0] == 401
    assert app.get("Observation", second["access_token"])[0] == 200
    admin.post(f"/connections/apps/{row.pk}/revoke/")
    assert app.get("Observation", second["access_token"])[0] == 401
    assert doctor.get("/connections/authorize/", asked).status_code == 400
    assert clinic.browser("doctor").get("/connections/apps/").status_code == 403


def _proof(app: App) -> dict[str, str]:
    fresh = app.asks()
    return {name: fresh[name] for name in ("code_challenge",)}


def _doctor(clinic):
    """One more."""
    from tasuki.security.permissions import Role
    from tasuki_server.institutions.opening import add_staff

    with clinic.work("admin"):
        return add_staff("許可 する", "キョカ スル", [Role.DOCTOR])


def test_what_somebody_allowed_ends_with_their_account_or_their_role(server, clinic, app, person):
    from tasuki.security.permissions import Role
    from tasuki_server.accounts.staff_changes import change_roles, disable
    from tasuki_server.exchange.app_registering import Allowing, Request, allow
    from tasuki_server.exchange.app_scopes import read_wanted
    from tasuki_server.exchange.models import LaunchApp

    row = LaunchApp.objects.get(pk=app.client_id)

    def token_of(staff):
        asked = app.asks()
        request = Request(row, BACK, read_wanted(USUAL.split()), asked["code_challenge"], "s-1", "n-1")
        code = allow(request, person["mine"], Allowing(staff.id, staff.name), timezone.now())
        return app.exchange(code)[1]

    for act in (disable, lambda staff: change_roles(staff, [Role.RECEPTION])):
        staff, other = _doctor(clinic), _doctor(clinic)
        told, others = token_of(staff), token_of(other)
        assert app.get("Observation", told["access_token"])[0] == 200
        with clinic.work("admin"):
            act(staff)
        assert app.get("Observation", told["access_token"])[0] == 401
        again = app.form("token", grant_type="refresh_token", refresh_token=told["refresh_token"])
        assert (again[0], again[1]["error"]) == (400, "invalid_grant")
        assert app.get("Observation", others["access_token"])[0] == 200


def _password_reset(clinic, person):
    from tasuki_server.accounts.staff_changes import reset_password

    with clinic.work("admin"):
        reset_password(person.staff)


def _factor_reset(clinic, person):
    from tasuki_server.accounts.staff_changes import reset_factor

    with clinic.work("admin"):
        reset_factor(person.staff)


def _contained(clinic, person):
    from tasuki_server.watch.containing import contain
    from tasuki_server.watch.models import ContainmentKind

    with clinic.work("admin"):
        contain(ContainmentKind.SESSIONS, "盗まれた疑い", staff=person.staff)


def _cut_off(clinic, person):
    """By the administrator's button, on every device."""
    told = clinic.browser("admin").post(f"/staff/{person.staff.id}/end-sessions/")
    assert told.status_code == 302


def _unlinked(clinic, person):
    """The account at the identity provider was somebody else's hands."""
    from tasuki_server.drills.made_up_provider import CLIENT, CLIENT_SECRET, made_up_provider
    from tasuki_server.providers.settling import link, set_provider, unlink

    with made_up_provider() as made, clinic.work("admin"):
        set_provider("院内", made.issuer, CLIENT, CLIENT_SECRET)
        unlink(link(person.staff.id, secrets.token_hex(4)).id)


def _new_password(_clinic, person):
    from tasuki_server.drills.people import PASSWORD, entered

    told = {"oldpassword": PASSWORD, "password1": "atarashii aikotoba", "password2": "atarashii aikotoba"}
    assert entered(person.user).post("/accounts/password/change/", told).status_code == 302


def _lost_device(_clinic, person):
    """With a recovery code: the app on the lost device goes."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    from tasuki_server.drills.people import a_browser, give_code, give_password

    code = RecoveryCodes.activate(person.user).get_unused_codes()[0]
    browser = a_browser()
    give_password(browser, person)
    give_code(browser, code)
    assert browser.post("/accounts/2fa/replace/", {"with": "app"}).status_code == 302


@pytest.mark.parametrize(
    "act",
    [_password_reset, _factor_reset, _contained, _cut_off, _unlinked, _new_password, _lost_device],
)
def test_what_was_allowed_ends_with_what_proved_the_person(clinic, app, person, act):
    from tasuki.security.permissions import Role
    from tasuki_server.drills.people import a_person, forget_limits
    from tasuki_server.exchange.app_registering import Allowing, Request, allow
    from tasuki_server.exchange.app_scopes import read_wanted
    from tasuki_server.exchange.models import LaunchApp

    forget_limits()
    row = LaunchApp.objects.get(pk=app.client_id)

    def code_of(staff):
        asked = app.asks()
        request = Request(row, BACK, read_wanted(USUAL.split()), asked["code_challenge"], "s-1", "n-1")
        return allow(request, person["mine"], Allowing(staff.id, staff.name), timezone.now())

    who, other = (a_person(clinic.id, f"permit-{secrets.token_hex(4)}", Role.DOCTOR) for _ in range(2))
    others = app.exchange(code_of(other.staff))[1]
    told = app.exchange(code_of(who.staff))[1]
    code = code_of(who.staff)
    act(clinic, who)
    assert app.get("Observation", told["access_token"])[0] == 401
    assert app.refresh(told["refresh_token"])[1]["error"] == "invalid_grant"
    assert app.exchange(code)[1]["error"] == "invalid_grant"
    assert app.get("Observation", others["access_token"])[0] == 200


def _ended_by(clinic, browsers, public_id, how):
    """One session of two, by its person, the administrator, signing out there, time, or all but the last."""
    from tasuki_server.accounts.models import SignInSession

    row = SignInSession.objects.get(public_id=public_id)
    if how == "own":
        return browsers[1].post(f"/accounts/sessions/{row.pk}/end/")
    if how == "administrator":
        return clinic.browser("admin").post(f"/staff/sessions/{row.pk}/end/")
    if how == "others":
        return browsers[1].post("/accounts/sessions/end-others/")
    if how == "time":
        session = browsers[0].session
        session["tasuki_seen"] -= 86400
        session.save()
        return browsers[0].get("/")
    return browsers[0].post("/accounts/logout/")


@pytest.mark.parametrize(
    ("how", "ends"),
    [
        ("own", (True, False, False)),
        ("administrator", (True, False, False)),
        ("others", (True, False, True)),
        ("time", (False, False, False)),
        ("sign out", (False, False, False)),
    ],
)
def test_what_was_allowed_in_a_session_ends_when_somebody_ends_it(clinic, app, person, how, ends):
    """Of three permits: given there, given in the session that stays, and from before sessions were kept."""
    from tasuki.security.permissions import Role
    from tasuki_server.accounts.models import SignInSession
    from tasuki_server.drills.people import a_person, entered, forget_limits
    from tasuki_server.exchange.models import AppPermit

    forget_limits()
    who = a_person(clinic.id, f"permit-{secrets.token_hex(4)}", Role.DOCTOR)
    browsers = [entered(who.user, SERVER_NAME="testserver") for _ in range(2)]
    told = [app.exchange(allowed(each, app.asks(), person))[1] for each in (*browsers, browsers[1])]
    permits = list(AppPermit.objects.filter(allowed_by=who.staff.id).order_by("made_at"))
    assert permits[0].allowed_in != permits[1].allowed_in == permits[2].allowed_in != ""
    AppPermit.objects.filter(pk=permits[2].pk).update(allowed_in="")
    assert _ended_by(clinic, browsers, permits[0].allowed_in, how).status_code == 302
    assert SignInSession.objects.get(public_id=permits[0].allowed_in).ended_at is not None
    answers = [app.get("Observation", each["access_token"])[0] == 401 for each in told]
    assert tuple(answers) == ends
    assert (app.refresh(told[0]["refresh_token"])[0] == 400) is ends[0]


def test_a_permit_of_a_session_that_ends_meanwhile_is_none(clinic, app, person, monkeypatch):
    """The session ends, and what was allowed with it, between the gate and the permit."""
    from tasuki.security.permissions import Role
    from tasuki_server.accounts.models import Why
    from tasuki_server.accounts.sessions import end_sessions
    from tasuki_server.api import authorize_views
    from tasuki_server.drills.people import a_person, entered
    from tasuki_server.exchange.models import AppPermit

    whole, who = authorize_views.allow, a_person(clinic.id, "permit-late", Role.DOCTOR)

    def late(*given):
        end_sessions(who.user.pk, Why.PASSWORD)
        return whole(*given)

    browser = entered(who.user, SERVER_NAME="testserver")
    monkeypatch.setattr(authorize_views, "allow", late)
    told = browser.post(
        "/connections/authorize/", app.asks() | {"number": person["number"], "place": person["mine"]}
    )
    assert told.status_code == 403
    assert AppPermit.objects.latest("made_at").ended_at is not None


def test_a_seal_ends_what_those_outside_of_it_allowed(clinic, app, person):
    from tasuki_server.exchange.app_registering import Allowing, Request, allow
    from tasuki_server.exchange.app_scopes import read_wanted
    from tasuki_server.exchange.models import LaunchApp
    from tasuki_server.patients.models import Patient
    from tasuki_server.privacy.marks import add_mark, change_readers, withdraw_mark

    row = LaunchApp.objects.get(pk=app.client_id)

    def token_of(staff):
        asked = app.asks()
        request = Request(row, BACK, read_wanted(USUAL.split()), asked["code_challenge"], "s-1", "n-1")
        return app.exchange(allow(request, person["mine"], Allowing(staff.id, staff.name), timezone.now()))[
            1
        ]["access_token"]

    reader, outside, later = (_doctor(clinic) for _ in range(3))
    tokens = [token_of(each) for each in (reader, outside)]
    with clinic.work("admin"):
        patient_row = Patient.objects.get(number=person["number"])
        mark = add_mark(patient_row, "sealed", [reader, later], "本人の申し出")
    assert [app.get("Observation", each)[0] for each in tokens] == [200, 401]
    more = token_of(later)
    with clinic.work("admin"):
        mark = change_readers(mark, [reader], read_version=mark.version, why="担当の交替")
    assert [app.get("Observation", each)[0] for each in (tokens[0], more)] == [200, 401]
    with clinic.work("admin"):
        withdraw_mark(mark, read_version=mark.version, why="解除の申し出")


def test_a_permit_that_outlasts_the_session_asks_the_second_factor_first(clinic, app, person):
    from tasuki_server.exchange.models import AppPermit

    stale = clinic.browser("doctor", proved=False)
    chosen = {"number": person["number"], "place": person["mine"]}
    before = AppPermit.objects.count()
    asked = stale.post("/connections/authorize/", app.asks() | chosen)
    assert asked.status_code == 401 and AppPermit.objects.count() == before
    short = stale.post("/connections/authorize/", app.asks("launch/patient patient/*.rs") | chosen)
    assert "code" in returned(short) and AppPermit.objects.count() == before + 1
