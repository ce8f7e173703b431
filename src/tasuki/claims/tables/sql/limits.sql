-- SPDX-License-Identifier: Apache-2.0
-- 算定回数: a window ends with the day looked at. span: 1 day, 2 week from Sunday, 3 two weeks, 4 calendar months,
-- 5 fiscal year from April, 6 ever.
CREATE TABLE frequent AS
SELECT b.patient, b.code, l.row_no
FROM billed AS b JOIN limits AS l ON l.code = b.code
GROUP BY b.patient, b.code, l.row_no, l.most
HAVING SUM(b.count) > l.most;

CREATE TABLE windows AS
SELECT l.row_no, l.span, l.most, l.is_special, l.code, b.patient, b.receipt, b.line, b.day_no, b.order_no,
       b.month_no, b.count,
       CASE l.span
         WHEN 1 THEN b.day_no
         WHEN 2 THEN b.day_no - (b.day_no + 4) % 7
         WHEN 3 THEN b.day_no - 13
         ELSE -10000000
       END AS first_day_no,
       CASE l.span
         WHEN 4 THEN b.month_no - l.months + 1
         WHEN 5 THEN b.month_no - (b.month_no + 9) % 12
         ELSE -10000000
       END AS first_month_no
FROM frequent AS f
JOIN limits AS l ON l.row_no = f.row_no
JOIN billed AS b ON b.patient = f.patient AND b.code = f.code AND b.is_past = 0
WHERE COALESCE(b.day_no, l.since_no) BETWEEN l.since_no AND l.until_no;

CREATE TABLE used AS
SELECT w.row_no, w.span, w.most, w.is_special, w.code, w.patient, w.receipt, w.line, w.day_no,
       SUM(p.count) AS count, MIN(p.day_no) AS since_day_no
FROM windows AS w
JOIN billed AS p
  ON p.patient = w.patient AND p.code = w.code
 AND p.month_no BETWEEN w.first_month_no AND w.month_no
 AND p.order_no <= CASE WHEN p.month_no < w.month_no THEN 10000000 ELSE w.order_no END
WHERE (w.span >= 4 OR (w.day_no IS NOT NULL AND p.day_no >= w.first_day_no))
   OR (w.span < 4 AND w.day_no IS NULL AND p.receipt = w.receipt AND p.line = w.line)
GROUP BY w.row_no, w.span, w.most, w.is_special, w.code, w.patient, w.receipt, w.line, w.day_no;
