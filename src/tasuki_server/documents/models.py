# SPDX-License-Identifier: Apache-2.0
"""発行した書類 — what was handed over, by number; never changed, printed again from the same data."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from tasuki_server.database.sealed_field import SealedJsonField
from tasuki_server.institutions.rows import InstitutionRow


class DocumentKind(models.TextChoices):
    """書類の種類 — the value is also the word in the address."""

    RECEIPT = "receipt", "領収証"
    STATEMENT = "statement", "診療明細書"
    PRESCRIPTION = "prescription", "処方箋"
    COPY = "copy", "処方内容（控え）"


class IssuedDocument(InstitutionRow):
    """発行した書類 — the data a form was printed from, and the digest of the PDF that came out.

    ``sheets`` are the inputs of ``tasuki.forms`` in the order printed. ``number`` counts by institution and kind; a
    reissue takes a row and a number of its own here, while the paper keeps the number of the first (``reissue_of``).
    ``replaces`` names the document that became void because the bill, the payments or the orders changed.
    """

    kind = models.CharField("種類", max_length=12, choices=DocumentKind.choices)
    number = models.PositiveIntegerField("発行番号")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="documents")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="documents")
    bill = models.ForeignKey("billing.Bill", on_delete=models.PROTECT, null=True, related_name="documents")
    day = models.DateField("発行日")
    form = models.CharField("帳票", max_length=40)
    sheets = SealedJsonField("印字内容")
    sha256 = models.CharField("PDFのSHA-256", max_length=64)
    reissue_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="reissues")
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("発行日時", default=timezone.now)

    class Meta:
        verbose_name = "発行した書類"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "kind", "number"], name="documents_issueddocument_one_number"
            )
        ]
        indexes = [models.Index(fields=["institution", "visit"], name="documents_of_visit")]

    @property
    def paper_number(self) -> str:
        """紙面の番号 — of the first issue, as printed."""
        return f"{(self.reissue_of or self).number:08d}"
