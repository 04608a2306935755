/* ssg:stat
description: How often users do what. Feeds sessions.action.
epsilon: 0.5
delta: 1.0e-6
max_ids: 5              # SmartNoise takes five rows at random of users who have more, so that nobody weighs much
columns:
  user_id: {type: string, private_id: true}
  action:  {type: string}
*/
WITH query_result AS (
    SELECT
        user_id,
        action
    FROM sessions
)

SELECT
    action,
    COUNT(*) AS requests
FROM query_result
GROUP BY action
