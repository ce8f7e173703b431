-- SPDX-License-Identifier: Apache-2.0
-- 算定: acts that some table names, one row a receipt, code and day. Days and months are whole numbers.
CREATE TABLE listed AS
SELECT code FROM pairs UNION SELECT other FROM pairs UNION SELECT code FROM limits
UNION SELECT code FROM ward_fees UNION SELECT code FROM ward_additions;

CREATE TABLE billed AS
SELECT l.patient, l.receipt, l.code, l.month_no, l.day_no, l.is_past,
       COALESCE(l.day_no, 10000000) AS order_no,
       SUM(l.count) AS count, MIN(l.line) AS line
FROM acts AS l
WHERE l.code IN (SELECT code FROM listed)
GROUP BY l.patient, l.receipt, l.code, l.month_no, l.day_no, l.is_past;

CREATE TABLE frequency AS
SELECT code, COUNT(*) AS rows_of FROM billed GROUP BY code;

-- 受診: how many base fees a person was billed on a day; one tells that all of the day was one visit.
CREATE TABLE visits AS
SELECT a.patient, a.day_no, SUM(a.count) AS count
FROM acts AS a WHERE a.code IN (SELECT code FROM base_fees) AND a.day_no IS NOT NULL
GROUP BY a.patient, a.day_no;
