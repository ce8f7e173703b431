# SPDX-License-Identifier: Apache-2.0
"""感染症発生届 — which diseases a doctor must report, by when and with what; the notice as values, as FHIR and as a form.

Cite: 感染症の予防及び感染症の患者に対する医療に関する法律 第12条第1項; 同施行規則 第4条
"""
