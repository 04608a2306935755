/* ssg:stat
description: Mean and spread of the users' ages. Feeds users.age.
epsilon: 0.5            # the total that this file spends: both columns together
delta: 1.0e-6
max_ids: 1              # query_result has at most one row for a user, since users.id is the key
columns:
  id:  {type: string, private_id: true}
  age: {type: float, lower: 0, upper: 100}   # what is possible, not what the data hold
*/
WITH query_result AS (
    -- Years of birth and jokes were typed in as ages: 2014, 105.
    SELECT
        id,
        age
    FROM users
    WHERE age <= 100
)

SELECT
    AVG(age) AS mean,
    STDDEV(age) AS std_dev
FROM query_result
