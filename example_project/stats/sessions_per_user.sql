/* ssg:stat
description: How many users have how many rows in sessions, in tens. Feeds the story of users who return.
epsilon: 0.25
delta: 1.0e-6
max_ids: 1              # the GROUP BY leaves one row for a user
columns:
  user_id:  {type: string, private_id: true}
  sessions: {type: int, lower: 1, upper: 99, nullable: false}   # more counts as 99
*/
WITH query_result AS (
    SELECT
        user_id,
        COUNT(*) AS sessions
    FROM sessions
    GROUP BY user_id
)

SELECT
    FLOOR(sessions / 10) AS tens,
    COUNT(DISTINCT user_id) AS users
FROM query_result
GROUP BY FLOOR(sessions / 10)
