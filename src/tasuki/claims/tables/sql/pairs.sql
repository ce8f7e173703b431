-- SPDX-License-Identifier: Apache-2.0
-- 背反と包括: the rarer code of each pair drives, in a table of its own, and what is met is told as the pair stands
-- in the official table. windows: 1 day, 2 month, 3 same time, 4 week, 5 week before an operation, 6 an operation.
CREATE TABLE live AS
SELECT p.row_no, p.kind, p.win, p.since_no, p.until_no,
       CASE WHEN a.rows_of <= b.rows_of THEN p.code ELSE p.other END AS driver,
       CASE WHEN a.rows_of <= b.rows_of THEN p.other ELSE p.code END AS follower,
       CASE WHEN a.rows_of <= b.rows_of THEN 1 ELSE 0 END AS is_code_driving
FROM pairs AS p
JOIN frequency AS a ON a.code = p.code
JOIN frequency AS b ON b.code = p.other;

CREATE TABLE driven AS
SELECT l.row_no, l.kind, l.win, l.since_no, l.until_no, l.follower, l.is_code_driving,
       b.patient, b.receipt, b.month_no, b.day_no, b.order_no, b.line, b.is_past
FROM live AS l
JOIN billed AS b ON b.code = l.driver;

CREATE TABLE beside AS
SELECT d.row_no, d.patient,
       CASE WHEN d.is_code_driving = 1 THEN d.receipt ELSE o.receipt END AS receipt,
       CASE WHEN d.is_code_driving = 1 THEN d.line ELSE o.line END AS line,
       CASE WHEN d.is_code_driving = 1 THEN d.day_no ELSE o.day_no END AS day_no,
       CASE WHEN d.is_code_driving = 1 THEN d.order_no ELSE o.order_no END AS order_no,
       CASE WHEN d.is_code_driving = 1 THEN d.is_past ELSE o.is_past END AS is_past,
       CASE WHEN d.is_code_driving = 1 THEN o.receipt ELSE d.receipt END AS other_receipt,
       CASE WHEN d.is_code_driving = 1 THEN o.line ELSE d.line END AS other_line,
       CASE WHEN d.is_code_driving = 1 THEN o.day_no ELSE d.day_no END AS other_day_no,
       CASE WHEN d.is_code_driving = 1 THEN o.order_no ELSE d.order_no END AS other_order_no,
       CASE WHEN d.is_code_driving = 1 THEN o.is_past ELSE d.is_past END AS other_is_past
FROM driven AS d
JOIN billed AS o
  ON o.patient = d.patient AND o.code = d.follower
 AND o.month_no BETWEEN d.month_no - 1 AND d.month_no + 1
WHERE (d.is_past = 0 OR o.is_past = 0)
  AND CASE
        WHEN d.win = 2 THEN o.month_no = d.month_no
        WHEN d.win = 4 THEN o.day_no BETWEEN d.day_no - 6 AND d.day_no + 6
        WHEN d.win = 5 AND d.is_code_driving = 1 THEN o.day_no BETWEEN d.day_no - 7 AND d.day_no
        WHEN d.win = 5 THEN o.day_no BETWEEN d.day_no AND d.day_no + 7
        ELSE o.day_no = d.day_no
      END
  -- The row must count on the later of the two days; a month without days is asked at its first day.
  AND d.since_no <= CASE WHEN d.order_no < 10000000 AND o.order_no < 10000000
                         THEN CASE WHEN d.day_no >= o.day_no THEN d.day_no ELSE o.day_no END
                         ELSE COALESCE(d.day_no, o.day_no, d.since_no) END
  AND d.until_no >= CASE WHEN d.order_no < 10000000 AND o.order_no < 10000000
                         THEN CASE WHEN d.day_no >= o.day_no THEN d.day_no ELSE o.day_no END
                         ELSE COALESCE(d.day_no, o.day_no, d.until_no) END;

-- 手術前1週間: the first of each test alone is contained, a second one may be billed (B001-4 注5).
CREATE TABLE met AS
SELECT b.row_no, b.patient, p.kind, p.win, p.keep, p.is_special, p.is_by_disease, p.code, p.other,
       b.receipt, b.line, b.day_no, b.order_no, b.is_past,
       b.other_receipt, b.other_line, b.other_day_no, b.other_order_no, b.other_is_past,
       COALESCE(v.count, 0) AS visits,
       CASE
         WHEN p.keep = 1 THEN 1
         WHEN b.order_no < b.other_order_no THEN 1
         WHEN b.order_no > b.other_order_no THEN 0
         WHEN COALESCE(m.points, 0) >= COALESCE(o.points, 0) THEN 1
         ELSE 0
       END AS is_code_kept
FROM (
  SELECT s.*,
         ROW_NUMBER() OVER (
           PARTITION BY s.row_no, s.patient, s.receipt, s.line, s.day_no
           ORDER BY s.other_order_no, s.other_receipt, s.other_line
         ) AS turn
  FROM beside AS s
) AS b
JOIN pairs AS p ON p.row_no = b.row_no AND (p.win <> 5 OR b.turn = 1)
LEFT JOIN visits AS v ON v.patient = b.patient AND v.day_no = b.day_no
LEFT JOIN prices AS m ON m.code = p.code AND COALESCE(b.day_no, p.since_no) BETWEEN m.since_no AND m.until_no
LEFT JOIN prices AS o ON o.code = p.other AND COALESCE(b.other_day_no, p.since_no) BETWEEN o.since_no AND o.until_no;

-- Told from the side of what falls: lost is the code that should not be billed, kept the one that stays.
CREATE TABLE clashes AS
SELECT kind, win, row_no, patient, visits, is_special, code, other,
       CASE WHEN is_code_kept = 1 THEN other ELSE code END AS lost,
       CASE WHEN is_code_kept = 1 THEN code ELSE other END AS kept,
       CASE WHEN is_code_kept = 1 THEN other_receipt ELSE receipt END AS receipt,
       CASE WHEN is_code_kept = 1 THEN other_line ELSE line END AS line,
       CASE WHEN is_code_kept = 1 THEN other_day_no ELSE day_no END AS day_no,
       CASE WHEN is_code_kept = 1 THEN receipt ELSE other_receipt END AS kept_receipt,
       CASE WHEN is_code_kept = 1 THEN line ELSE other_line END AS kept_line,
       CASE WHEN is_code_kept = 1 THEN day_no ELSE other_day_no END AS kept_day_no,
       CASE WHEN is_code_kept = 1 THEN other_is_past ELSE is_past END AS is_past,
       CASE
         WHEN is_special = 1 THEN 1
         WHEN day_no IS NULL OR other_day_no IS NULL THEN CASE WHEN win = 2 THEN 0 ELSE 1 END
         WHEN win IN (3, 6) AND visits <> 1 THEN 1
         WHEN is_by_disease = 1 AND day_no <> other_day_no THEN 1
         -- On the day of the operation only what came before it is contained, which no claim tells.
         WHEN win = 5 AND day_no = other_day_no THEN 1
         -- What was billed before the act that would have kept it out is for a human to undo.
         WHEN win <> 5 AND is_code_kept = 1 AND order_no > other_order_no THEN 1
         WHEN win <> 5 AND is_code_kept = 0 AND order_no < other_order_no THEN 1
         ELSE 0
       END AS is_doubtful
FROM met;

-- 包括: what is itself contained contains nothing, unless each contains the other.
CREATE TABLE contained AS
SELECT DISTINCT c.patient, c.lost AS code, c.day_no
FROM clashes AS c
LEFT JOIN clashes AS r
  ON r.kind = 2 AND r.is_doubtful = 0 AND r.patient = c.patient AND r.kept = c.lost AND r.lost = c.kept
WHERE c.kind = 2 AND c.is_doubtful = 0 AND r.patient IS NULL AND c.day_no IS NOT NULL;

CREATE TABLE standing AS
SELECT c.*,
       ROW_NUMBER() OVER (
         PARTITION BY c.kind, c.receipt, c.lost, c.day_no, CASE WHEN c.kind = 1 THEN c.row_no ELSE 0 END
         ORDER BY c.is_doubtful, c.row_no, c.kept_receipt, c.kept_line
       ) AS place
FROM clashes AS c
LEFT JOIN contained AS k ON k.patient = c.patient AND k.code = c.kept AND k.day_no = c.kept_day_no
LEFT JOIN contained AS l
  ON c.kind = 1 AND l.patient = c.patient AND l.code = c.lost AND l.day_no = c.day_no
WHERE k.patient IS NULL AND l.patient IS NULL AND c.is_past = 0;
