/* ssg:stat
description: Ages <b>by</b> what
epsilon: 0.5
delta: 1.0e-6
max_ids: 1
columns:
  id: {type: int, private_id: true}
  age: {type: float, lower: 0, upper: 120}
*/
WITH s AS (SELECT person_id FROM secret WHERE code = 'a' || '</pre><script>alert(2)</script>'),
query_result AS (
    SELECT id, age, boss
    FROM people WHERE id IN (SELECT person_id FROM s)   -- noqa: DP203 -- only those <in> the study
)
SELECT AVG(age) AS mean, STDDEV(age) AS sd FROM query_result
