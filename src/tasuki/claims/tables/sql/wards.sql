-- SPDX-License-Identifier: Apache-2.0
-- 入院基本料: an addition stands where the group of a fee of that day allows it; of two of one serial (加算識別) only one.
-- A day without a fee of a known group is left alone: the claim does not tell which ward it was.
-- With how many fees of the day there are: more than one where someone moved.
CREATE TABLE stays AS
SELECT patient, receipt, day_no, grp, fee, fee_line,
       SUM(own_fees) OVER (PARTITION BY patient, receipt, day_no) AS fees
FROM (
  SELECT b.patient, b.receipt, b.day_no, f.grp, MIN(b.code) AS fee, MIN(b.line) AS fee_line,
         COUNT(DISTINCT b.code) AS own_fees
  FROM billed AS b
  JOIN ward_fees AS f ON f.code = b.code AND b.day_no BETWEEN f.since_no AND f.until_no
  GROUP BY b.patient, b.receipt, b.day_no, f.grp
) AS by_group;

CREATE TABLE granted AS
SELECT s.patient, s.receipt, s.day_no, s.grp, s.fees, b.line, b.code, b.is_past, a.serial, a.row_no
FROM stays AS s
JOIN billed AS b ON b.patient = s.patient AND b.receipt = s.receipt AND b.day_no = s.day_no
JOIN ward_additions AS a
  ON a.grp = s.grp AND a.code = b.code AND s.day_no BETWEEN a.since_no AND a.until_no;

-- row_no is of a group that allows it, which is none of the day; "of_rows" how many such rows there are.
CREATE TABLE refused AS
SELECT b.patient, b.receipt, b.day_no, b.line, b.code, MIN(s.fee) AS fee, MIN(s.fee_line) AS fee_line,
       MIN(a.row_no) AS row_no, MIN(s.fees) AS fees, COUNT(DISTINCT a.row_no) AS of_rows
FROM billed AS b
JOIN ward_additions AS a ON a.code = b.code AND b.day_no BETWEEN a.since_no AND a.until_no
JOIN stays AS s ON s.patient = b.patient AND s.receipt = b.receipt AND s.day_no = b.day_no
LEFT JOIN granted AS g ON g.receipt = b.receipt AND g.day_no = b.day_no AND g.code = b.code
WHERE b.is_past = 0 AND g.code IS NULL
GROUP BY b.patient, b.receipt, b.day_no, b.line, b.code;
