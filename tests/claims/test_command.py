# SPDX-License-Identifier: Apache-2.0
"""`./tasuki claims` — as a vendor meets it: files in, files out, exit codes, nothing half-written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claims import invented_file as made
from tasuki.claims.build.month_file import month_schema, read_month
from tasuki.claims.points import file_totals
from tasuki.claims.reader import read
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki_server.cli.main import main

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE = DOCS / "guide" / "claims" / "month.json"


@pytest.fixture(autouse=True)
def japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")


@pytest.fixture
def claim(tmp_path: Path) -> Path:
    path = tmp_path / "架空.UKE"
    path.write_bytes(made.data())
    return path


def test_build_writes_both_files_of_the_example(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", "build", str(EXAMPLE), "--out", str(tmp_path), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(f["payer"], f["receipts"], f["receipt_count"], f["total_points"]) for f in told["files"]] == [
        ("1", 1, 1, 291 + 76 + 52 + 4 * 28), ("2", 1, 2, 291 + 26 + 52 + 9)
    ]  # fmt: skip
    for file in told["files"]:
        again = read(Path(file["path"]).read_bytes())
        assert again.findings == ()
        assert file_totals(again.receipts).total_points == file["total_points"]
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["RECEIPTC.UKE", "RECEIPTC.UKE"]


def test_build_leaves_out_what_cannot_be_claimed_and_says_whose(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    month = tmp_path / "month.json"
    month.write_text(EXAMPLE.read_text("utf-8").replace("架空 一郎", "髙橋 一郎"), "utf-8")
    assert main(["claims", "build", str(month), "--out", str(tmp_path / "out")]) == 1
    out = capsys.readouterr().out
    assert "請求から外しました: 患者 1" in out
    assert "提出不可 UKE-W-01" in out
    assert not (tmp_path / "out" / "shaho").exists()
    assert (tmp_path / "out" / "kokuho" / "RECEIPTC.UKE").exists()


def test_a_reduction_in_a_month_file_is_taken_off_as_on_a_claim() -> None:
    month = json.loads(EXAMPLE.read_bytes())
    plain = read_month(json.dumps(month).encode())
    less = {"section": "21", "points": 5, "lines": [{"code": "630010002", "kind": "IY"}]}
    month["patients"][0]["visits"][0]["units"].append(less)
    reduced = read_month(json.dumps(month).encode())
    (before,), (after,) = (one.patients[0].copayment.receipts for one in (plain, reduced))
    assert after.points == before.points - 5


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"2026-07"', '"2026-13"', "claim_month"),
        ('"kind": "employees"', '"kind": "nobody"', "patients[0].insurance.kind"),
        ('"number": "12",', '"number": 12,', "patients[0].insurance.number"),
        ('"points": 291', '"points": -1', "patients[0].visits[0].units[0].points"),
        ('"day": "2026-06-15"', '"day": "2026-07-15"', "patients[0].day"),
        ('"month_cap_yen": 2500, ', "", "patients[1].programmes[0].month_cap_yen"),
        ("{", "[", ""),
    ],
)
def test_a_month_file_that_is_wrong_is_named_and_nothing_is_written(
    old: str, new: str, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    month = tmp_path / "month.json"
    month.write_text(EXAMPLE.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(BadInput) as raised:
        read_month(month.read_bytes(), "month.json")
    assert [f.where.field for f in raised.value.findings] == [place]
    assert all(sentence(f) for f in raised.value.findings)
    assert main(["claims", "build", str(month), "--out", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()
    assert "month.json" in capsys.readouterr().err


def test_the_published_schema_is_the_one_of_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    published = (DOCS / "reference" / "schemas" / "claim-month.json").read_text("utf-8")
    assert json.loads(published) == month_schema()
    assert main(["claims", "build", "--schema"]) == 0
    assert capsys.readouterr().out == published


def test_read_shows_receipts_with_names_and_answers_1_when_something_is_wrong(
    claim: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["claims", "read", str(claim)]) == 0
    out = capsys.readouterr().out
    assert "■ 1  令和8年6月診療  1112 医保・単独・本人・外来" in out
    assert "* 初診料  … 291×1" in out
    assert "架空テープ　１号　40.5円" in out
    claim.write_bytes(made.data().replace(b"RE,1,1112", b"RE,1,1199"))
    assert main(["claims", "read", str(claim), "--receipt", "1"]) == 1
    out = capsys.readouterr().out
    assert "提出不可 UKE-L2-2150" in out
    assert out.count("■") == 1
    assert main(["claims", "read", str(claim), "--receipt", "2"]) == 0
    assert main(["claims", "read", str(claim), "--no-check"]) == 0


def test_read_as_json_gives_the_form_and_the_findings(
    claim: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["claims", "read", str(claim), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["receipt_count"], told["payers"], told["points"]) == (4, 5, 496 + 466 + 291 + 1700)
    assert told["receipts"][1]["programmes"][0]["points"] == 175
    # A drug is handed out and neither fee of it is billed: the starter set knows that much.
    assert [one["code"] for one in told["findings"]] == ["UKE-N-04", "UKE-N-05"]
    assert [one["code"] for one in told["not_checked"]] == [f"UKE-G-0{nth}" for nth in range(1, 7)]


def test_rewrite_gives_the_bytes_back_and_conform_mends_them(
    claim: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.UKE"
    assert main(["claims", "rewrite", str(claim), "--out", str(out)]) == 0
    assert out.read_bytes() == made.data()
    strange = made.data().decode("cp932").replace("\r\n", "\n").encode()
    claim.write_bytes(strange)
    assert main(["claims", "rewrite", str(claim), "--out", str(out), "--format", "json"]) == 0
    assert out.read_bytes() == strange
    assert main(["claims", "rewrite", str(claim), "--out", str(out), "--conform"]) == 0
    assert out.read_bytes() == made.data()
    assert '"is_equal": true' in capsys.readouterr().out


def test_conform_of_a_name_outside_the_characters_writes_nothing(claim: Path, tmp_path: Path) -> None:
    claim.write_bytes(made.data().replace("架空　一郎".encode("cp932"), "髙橋　一郎".encode("cp932")))
    out = tmp_path / "out.UKE"
    assert main(["claims", "rewrite", str(claim), "--out", str(out), "--conform"]) == 2
    assert not out.exists()


def test_what_is_missing_or_cannot_be_written_is_said(
    claim: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["claims", "read", str(tmp_path / "none.UKE")]) == 2
    assert main(["claims", "read", str(claim), "--receipt", "9"]) == 2
    assert main(["claims", "rewrite", str(claim), "--out", str(claim / "under-a-file.UKE")]) == 2
    err = capsys.readouterr().err
    assert "を読めません" in err
    assert "レセプト番号 9 はありません" in err
    assert "に書けません" in err
    assert [p.name for p in tmp_path.iterdir()] == [claim.name]


def test_print_sets_every_receipt_as_the_form(claim: Path, tmp_path: Path) -> None:
    pytest.importorskip("typst")
    pypdf = pytest.importorskip("pypdf")
    out = tmp_path / "all.pdf"
    assert main(["claims", "print", str(claim), "--out", str(out)]) == 0
    pages = [page.extract_text() for page in pypdf.PdfReader(out).pages]
    assert len(pages) == 4
    assert "架空　花子" in pages[1]
    assert ["（医科入院）" in page for page in pages] == [False, False, False, True]
    assert main(["claims", "print", str(claim), "--receipt", "3", "--out", str(out)]) == 0
    (page,) = pypdf.PdfReader(out).pages
    assert "架空　次郎" in page.extract_text()


def test_print_makes_the_invoice_and_the_totals_of_a_file(
    claim: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("typst")
    pypdf = pytest.importorskip("pypdf")
    out = tmp_path / "invoice.pdf"
    chosen = ["--receipt", "1", "--receipt", "2", "--receipt", "3"]
    asked = ["claims", "print", str(claim), *chosen, "--form", "invoice", "--claimed-on", "2026-07-10"]
    assert main([*asked, "--opener", "架空　四郎", "--out", str(out)]) == 0
    words = "".join("".join(page.extract_text().split()) for page in pypdf.PdfReader(out).pages)
    assert "様式第一" in words
    assert "令和8年7月10日" in words
    assert "架空四郎" in words
    assert main(["claims", "print", str(claim), "--form", "totals", "--out", str(out)]) == 2
    assert "総括表は国保・後期の請求のものです" in capsys.readouterr().err
    national = tmp_path / "national.UKE"
    national.write_bytes(
        made.data().replace(b"IR,1,13,", b"IR,2,13,").replace(b"HO,01130012,", b"HO,  138057,")
    )
    for form, words in (("invoice", "様式第六"), ("totals", "診療報酬総括表")):
        asked = ["claims", "print", str(national), "--receipt", "1", "--form", form, "--out", str(out)]
        assert main(asked) == 0
        assert words in pypdf.PdfReader(out).pages[0].extract_text()


def test_print_refuses_an_invoice_that_would_be_short(
    claim: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("typst")
    claim.write_bytes(made.data().replace(b"HO,01130012,", b"HO,99130012,"))
    out = tmp_path / "invoice.pdf"
    assert main(["claims", "print", str(claim), "--form", "invoice", "--out", str(out)]) == 2
    assert "欄が決まらないレセプト" in capsys.readouterr().err
    assert not out.exists()


def test_print_refuses_a_receipt_that_has_no_sheet(
    claim: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("typst")
    out = tmp_path / "all.pdf"
    claim.write_bytes(made.data().replace(b"\r\nGR,06,", b"\r\nBU,040080xx99x00x,20260610,,1\r\nGR,06,"))
    assert main(["claims", "print", str(claim), "--out", str(out)]) == 2
    assert "4番のレセプト（種別1111）はDPCのため" in capsys.readouterr().err
    assert not out.exists()
