-- SPDX-License-Identifier: Apache-2.0
-- 指摘: one table for all kinds; kind 1 背反, 2 包括, 3 算定回数, 4 入院基本料加算; win is the window, the unit or the span.
-- Of kind 4, count is how many ward fees the day has, most how many rows of other groups allow the addition.
CREATE TABLE found AS
SELECT kind, win, is_doubtful, patient, receipt, line, day_no, lost AS act, code, other, kept AS partner,
       kept_receipt AS partner_receipt, kept_line AS partner_line, kept_day_no AS partner_day_no,
       row_no, 0 AS count, 0 AS most
FROM standing WHERE place = 1
UNION ALL
SELECT 3 AS kind, CASE WHEN span < 4 AND day_no IS NULL THEN 8 ELSE span END AS win,
       CASE WHEN is_special = 1 OR span = 6 OR (span < 4 AND day_no IS NULL) THEN 1 ELSE 0 END AS is_doubtful,
       patient, receipt, line, day_no, code AS act, code, code AS other, code AS partner,
       receipt AS partner_receipt, line AS partner_line, since_day_no AS partner_day_no,
       row_no, count, most
FROM used WHERE count > most
UNION ALL
SELECT 4 AS kind, 1 AS win, 0 AS is_doubtful, patient, receipt, line, day_no, code AS act, code, fee AS other,
       fee AS partner, receipt AS partner_receipt, fee_line AS partner_line, day_no AS partner_day_no,
       row_no, fees AS count, of_rows AS most
FROM refused
UNION ALL
SELECT 4 AS kind, 2 AS win, MAX(CASE WHEN b.fees > 1 THEN 1 ELSE 0 END) AS is_doubtful, b.patient, b.receipt, b.line, b.day_no, b.code AS act, b.code, a.code AS other,
       a.code AS partner, a.receipt AS partner_receipt, MIN(a.line) AS partner_line, a.day_no AS partner_day_no,
       MIN(b.row_no) AS row_no, MIN(b.fees) AS count, 0 AS most
FROM granted AS a
JOIN granted AS b
  ON b.receipt = a.receipt AND b.day_no = a.day_no AND b.grp = a.grp AND b.serial = a.serial AND b.code > a.code
WHERE b.is_past = 0 AND b.serial > 0
GROUP BY b.patient, b.receipt, b.line, b.day_no, b.code, a.code, a.receipt, a.day_no;
