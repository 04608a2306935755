/* ssg:stat
description: Exact
privacy: none
reason: Published <already>
*/
SELECT s.ward, COUNT(*) AS n, AVG(s.days) AS mean_days FROM stays s JOIN people p ON p.id = s.person_id WHERE p.age > 18 GROUP BY s.ward
