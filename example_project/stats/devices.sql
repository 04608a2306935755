/* ssg:stat
description: How many users signed up on which device. Feeds users.first_device_type.
epsilon: 0.25
delta: 1.0e-6
max_ids: 1
columns:
  id:     {type: string, private_id: true}
  device: {type: string}
*/
WITH query_result AS (
    SELECT
        id,
        first_device_type AS device
    FROM users
)

SELECT
    device,
    COUNT(DISTINCT id) AS users   -- SmartNoise counts people anyway to drop rare devices, so this costs nothing more
FROM query_result
GROUP BY device
