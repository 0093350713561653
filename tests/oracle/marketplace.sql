-- The oracle of the marketplace pack: its 46 features and their coverage, written in SQL from their definitions
-- alone, as a second implementation to compare the program with.
--
-- In:  events(customer_id, type, event, event_time TIMESTAMP, arrival_time TIMESTAMP, properties JSON, ...)
--      points(point BIGINT, customer_id, as_of TIMESTAMP)
-- Out: one row a point, in the order of `point`: customer_id, as_of, the 46 features in order, coverage.
--
-- A window of k days as of t is [edge(t, k), t]; "the n days before the last k" is [edge(t, n + k), edge(t, k)).
WITH
edges AS MATERIALIZED (
  SELECT point, customer_id, as_of AS t,
         date_trunc('hour', as_of - INTERVAL 7 DAY)  AS e7,
         date_trunc('hour', as_of - INTERVAL 14 DAY) AS e14,
         date_trunc('day', as_of - INTERVAL 21 DAY)  AS e21,
         date_trunc('day', as_of - INTERVAL 28 DAY)  AS e28,
         date_trunc('day', as_of - INTERVAL 30 DAY)  AS e30,
         date_trunc('day', as_of - INTERVAL 35 DAY)  AS e35,
         date_trunc('day', as_of - INTERVAL 42 DAY)  AS e42,
         date_trunc('day', as_of - INTERVAL 49 DAY)  AS e49,
         date_trunc('day', as_of - INTERVAL 56 DAY)  AS e56,
         date_trunc('day', as_of - INTERVAL 63 DAY)  AS e63,
         date_trunc('day', as_of - INTERVAL 70 DAY)  AS e70,
         date_trunc('day', as_of - INTERVAL 77 DAY)  AS e77,
         date_trunc('day', as_of - INTERVAL 84 DAY)  AS e84,
         date_trunc('day', as_of - INTERVAL 90 DAY)  AS e90,
         date_trunc('day', as_of - INTERVAL 120 DAY) AS e120
  FROM points
),
-- Every event that can count as activity, with the properties that features read. `name` is set for track events
-- only: a page called "Session Completed" is no session. An amount in another currency than the pack's is left out.
seen AS MATERIALIZED (
  SELECT customer_id, event_time AS ts, arrival_time AS arrived,
         CAST(event_time AS DATE) AS day,
         NULLIF(event, '') AS any_name,
         CASE WHEN type = 'track' THEN event END AS name,
         properties ->> '$.tutor_id' AS tutor,
         properties ->> '$.by' AS cancelled_by,
         CAST(properties ->> '$.duration_min' AS DOUBLE) AS duration_min,
         CAST(properties ->> '$.tutor_rating' AS DOUBLE) AS tutor_rating,
         CAST(properties ->> '$.rating' AS DOUBLE) AS rating,
         CAST(properties ->> '$.match_score' AS DOUBLE) AS match_score,
         CAST(properties ->> '$.notice_hours' AS DOUBLE) AS notice_hours,
         ln(1 + CAST(properties ->> '$.reply_hours' AS DOUBLE)) AS log_reply,
         CASE WHEN coalesce(properties ->> '$.currency', 'USD') = 'USD'
              THEN CAST(round(CAST(properties ->> '$.amount' AS DOUBLE) * 1099511627776) AS HUGEINT)
              END AS amount
  FROM events
  WHERE type IN ('track', 'page', 'screen')
    AND customer_id IN (SELECT customer_id FROM points)
),
-- One row a point: everything that is a plain count, mean or sum. Suffixes: _30 the last 30 days, _60b30 the 60
-- days before those, _14b14 the 14 before the last 14; w1 .. w12 blocks of 7 days, the latest first.
counts AS (
  SELECT point,
    count(*) FILTER (name = 'Session Completed' AND ts >= e7)               AS done_7,
    count(*) FILTER (name = 'Session Completed' AND ts >= e14)              AS done_14,
    count(*) FILTER (name = 'Session Completed' AND ts >= e28 AND ts < e14) AS done_14b14,
    count(*) FILTER (name = 'Session Completed' AND ts >= e30)              AS done_30,
    count(*) FILTER (name = 'Session Completed' AND ts >= e90)              AS done_90,
    count(*) FILTER (name = 'Session Completed' AND ts >= e90 AND ts < e30) AS done_60b30,
    count(DISTINCT day) FILTER (name = 'Session Completed' AND ts >= e7)    AS done_days_7,
    count(DISTINCT day) FILTER (name = 'Session Completed' AND ts >= e14)   AS done_days_14,
    count(DISTINCT day) FILTER (name = 'Session Completed' AND ts >= e30)   AS done_days_30,
    max(ts) FILTER (name = 'Session Completed' AND ts >= e120)              AS last_done,
    count(*) FILTER (name = 'Session Completed' AND ts >= e7)               AS w1,
    count(*) FILTER (name = 'Session Completed' AND ts >= e14 AND ts < e7)  AS w2,
    count(*) FILTER (name = 'Session Completed' AND ts >= e21 AND ts < e14) AS w3,
    count(*) FILTER (name = 'Session Completed' AND ts >= e28 AND ts < e21) AS w4,
    count(*) FILTER (name = 'Session Completed' AND ts >= e35 AND ts < e28) AS w5,
    count(*) FILTER (name = 'Session Completed' AND ts >= e42 AND ts < e35) AS w6,
    count(*) FILTER (name = 'Session Completed' AND ts >= e49 AND ts < e42) AS w7,
    count(*) FILTER (name = 'Session Completed' AND ts >= e56 AND ts < e49) AS w8,
    count(*) FILTER (name = 'Session Completed' AND ts >= e63 AND ts < e56) AS w9,
    count(*) FILTER (name = 'Session Completed' AND ts >= e70 AND ts < e63) AS w10,
    count(*) FILTER (name = 'Session Completed' AND ts >= e77 AND ts < e70) AS w11,
    count(*) FILTER (name = 'Session Completed' AND ts >= e84 AND ts < e77) AS w12,
    avg(duration_min) FILTER (name = 'Session Completed' AND ts >= e30)     AS minutes_30,
    avg(tutor_rating) FILTER (name = 'Session Completed' AND ts >= e30)     AS tutor_rating_30,
    count(DISTINCT tutor) FILTER (name = 'Session Completed' AND ts >= e90) AS tutors_90,

    avg(rating) FILTER (name = 'Session Rated' AND ts >= e90)               AS rating_90,
    avg(rating) FILTER (name = 'Session Rated' AND ts >= e30)               AS rating_30,
    avg(rating) FILTER (name = 'Session Rated' AND ts >= e90 AND ts < e30)  AS rating_60b30,
    count(rating) FILTER (name = 'Session Rated' AND ts >= e90)             AS ratings_90,
    stddev_pop(rating) FILTER (name = 'Session Rated' AND ts >= e90)        AS rating_sd_90,

    count(*) FILTER (is_interaction AND ts >= e7)                           AS interactions_7,
    count(*) FILTER (is_interaction AND ts >= e28)                          AS interactions_28,
    count(*) FILTER (is_interaction AND ts >= e30)                          AS interactions_30,
    count(*) FILTER (name = 'Lesson Started' AND ts >= e30)                 AS lessons_started_30,
    count(*) FILTER (name = 'Lesson Completed' AND ts >= e30)               AS lessons_completed_30,
    count(*) FILTER (name = 'Message Sent' AND ts >= e30)                   AS sent_30,
    count(*) FILTER (name = 'Message Received' AND ts >= e30)               AS received_30,
    avg(log_reply) FILTER (name = 'Message Sent' AND ts >= e30)             AS log_reply_30,
    count(DISTINCT any_name) FILTER (ts >= e30)                             AS names_30,
    max(ts) FILTER (ts >= e120)                                             AS last_any,

    count(*) FILTER (name = 'Payment Succeeded' AND ts >= e90)              AS paid_90,
    count(*) FILTER (name = 'Payment Failed' AND ts >= e90)                 AS failed_90,
    count(*) FILTER (name = 'Payment Refunded' AND ts >= e90)               AS refunded_90,
    count(*) FILTER (name = 'Dispute Opened' AND ts >= e90)                 AS disputed_90,
    coalesce(sum(amount) FILTER (name = 'Payment Succeeded' AND ts >= e30), 0)              AS amount_30,
    coalesce(sum(amount) FILTER (name = 'Payment Succeeded' AND ts >= e90 AND ts < e30), 0) AS amount_60b30,
    coalesce(sum(amount) FILTER (name = 'Payment Succeeded' AND ts >= e90), 0)              AS amount_90,
    count(amount) FILTER (name = 'Payment Succeeded' AND ts >= e90)         AS amounts_90,

    count(*) FILTER (name = 'Session Cancelled' AND ts >= e90)              AS cancelled_90,
    count(*) FILTER (by_customer AND ts >= e30)                             AS by_customer_30,
    count(*) FILTER (by_customer AND ts >= e90 AND ts < e30)                AS by_customer_60b30,
    count(*) FILTER (by_customer AND ts >= e90)                             AS by_customer_90,
    count(*) FILTER (by_customer AND ts >= e90 AND notice_hours < 24)       AS late_90,
    count(*) FILTER (by_tutor AND ts >= e90)                                AS by_tutor_90,
    count(*) FILTER (name = 'Session No Show' AND ts >= e90)                AS no_show_90,
    count(*) FILTER (name = 'Session Rescheduled' AND ts >= e90)            AS rescheduled_90,
    count(*) FILTER (name = 'Inbound Call' AND ts >= e30)                   AS calls_30,
    count(*) FILTER (name = 'Inbound Call' AND ts >= e14)                   AS calls_14,
    count(*) FILTER (name = 'Inbound Call' AND ts >= e28 AND ts < e14)      AS calls_14b14,
    count(*) FILTER (name = 'Support Ticket Opened' AND ts >= e30)          AS tickets_30,

    count(*) FILTER (name = 'Booking Accepted' AND ts >= e30)               AS accepted_30,
    count(*) FILTER (name = 'Booking Requested' AND ts >= e30)              AS requested_30,
    avg(match_score) FILTER (name = 'Tutor Assigned' AND ts >= e90)         AS match_90,
    count(*) FILTER (name = 'Tutor Changed' AND ts >= e90)                  AS tutor_changed_90,
    avg(log_reply) FILTER (name = 'Tutor Message' AND ts >= e30)            AS log_tutor_reply_30,
    max(ts) FILTER (name IN ('Tutor Assigned', 'Tutor Changed') AND ts >= e120) AS last_tutor
  FROM (
    SELECT edges.*, seen.* EXCLUDE (customer_id),
           name IN ('Signed In', 'Content Viewed', 'Lesson Started', 'Lesson Completed', 'Message Sent')
             AS is_interaction,
           name = 'Session Cancelled' AND cancelled_by = 'customer' AS by_customer,
           name = 'Session Cancelled' AND cancelled_by = 'tutor' AS by_tutor
    FROM edges JOIN seen
      ON seen.customer_id = edges.customer_id AND ts >= e120 AND ts <= t AND arrived <= t
  )
  GROUP BY point
),
-- Distances between consecutive UTC days with a session, and with a payment, in 90 days.
active_days AS (
  SELECT DISTINCT point, name, day
  FROM edges JOIN seen
    ON seen.customer_id = edges.customer_id AND ts >= e90 AND ts <= t AND arrived <= t
  WHERE name IN ('Session Completed', 'Payment Succeeded')
),
gaps AS (
  SELECT point, name, CAST(day - lag(day) OVER (PARTITION BY point, name ORDER BY day) AS BIGINT) AS gap
  FROM active_days
),
session_gaps AS (
  SELECT point, sum(gap) / count(gap) AS mean_gap, max(gap) AS max_gap
  FROM gaps WHERE name = 'Session Completed' AND gap IS NOT NULL GROUP BY point
),
payment_gaps AS (
  SELECT point, count(*) + 1 AS days,
         sqrt(count(*) * sum(gap * gap) - sum(gap) * sum(gap)) / sum(gap) AS variation
  FROM gaps WHERE name = 'Payment Succeeded' AND gap IS NOT NULL GROUP BY point
),
tutor_share AS (
  SELECT point, max(n) / sum(n) AS top_share
  FROM (
    SELECT point, tutor, count(*) AS n
    FROM edges JOIN seen
      ON seen.customer_id = edges.customer_id AND ts >= e30 AND ts <= t AND arrived <= t
    WHERE name = 'Session Completed' AND tutor IS NOT NULL
    GROUP BY point, tutor
  )
  GROUP BY point
),
parts AS (
  SELECT edges.point, edges.customer_id, edges.t,
         mean_gap, max_gap, days AS payment_days, variation AS payment_variation, top_share,
         last_done, last_any, last_tutor, minutes_30, tutor_rating_30, rating_90, rating_30, rating_60b30,
         rating_sd_90, log_reply_30, log_tutor_reply_30, match_90,
         -- Counts of a customer without any event are 0, not missing.
         coalesce(COLUMNS(counts.* EXCLUDE (point, last_done, last_any, last_tutor, minutes_30, tutor_rating_30,
           rating_90, rating_30, rating_60b30, rating_sd_90, log_reply_30, log_tutor_reply_30, match_90)), 0)
  FROM edges
  LEFT JOIN counts ON counts.point = edges.point
  LEFT JOIN session_gaps ON session_gaps.point = edges.point
  LEFT JOIN payment_gaps ON payment_gaps.point = edges.point
  LEFT JOIN tutor_share ON tutor_share.point = edges.point
),
features AS (
  SELECT point, customer_id, t AS as_of,
    -- Session patterns
    done_7 AS sessions_7d,
    done_14 AS sessions_14d,
    done_30 AS sessions_30d,
    least(1.0::DOUBLE, done_days_7 / 7) AS session_frequency_7d,
    least(1.0::DOUBLE, done_days_14 / 14) AS session_frequency_14d,
    least(1.0::DOUBLE, done_days_30 / 30) AS session_frequency_30d,
    mean_gap AS avg_session_gap,
    max_gap AS max_session_gap,
    (epoch_us(t) - epoch_us(last_done)) / 86400e6 AS days_since_last_session,
    (done_14 - done_14b14) / nullif(done_14 + done_14b14, 0) AS session_trend,
    sqrt(8 * (w1*w1 + w2*w2 + w3*w3 + w4*w4 + w5*w5 + w6*w6 + w7*w7 + w8*w8)
         - (w1+w2+w3+w4+w5+w6+w7+w8) * (w1+w2+w3+w4+w5+w6+w7+w8))
      / nullif(w1+w2+w3+w4+w5+w6+w7+w8, 0) AS session_volatility,
    (w1 > 0)::INT + (w2 > 0)::INT + (w3 > 0)::INT + (w4 > 0)::INT + (w5 > 0)::INT + (w6 > 0)::INT
      + (w7 > 0)::INT + (w8 > 0)::INT + (w9 > 0)::INT + (w10 > 0)::INT + (w11 > 0)::INT + (w12 > 0)::INT
      AS active_weeks_12w,
    minutes_30 AS avg_session_minutes_30d,
    -- Engagement
    rating_90 AS avg_rating,
    CASE WHEN ratings_90 >= 2 THEN greatest(0.0::DOUBLE, 1 - rating_sd_90 / 2) END AS rating_consistency,
    rating_30 - rating_60b30 AS rating_trend,
    interactions_7 / nullif(interactions_28 / 4, 0) AS engagement_velocity,
    CASE WHEN lessons_started_30 > 0 THEN least(1.0::DOUBLE, lessons_completed_30 / lessons_started_30) END
      AS content_completion_rate,
    interactions_30 / 30 AS interaction_frequency,
    CASE WHEN received_30 > 0 THEN least(1.0::DOUBLE, sent_30 / received_30) END AS message_reply_rate,
    names_30 AS feature_breadth_30d,
    -- Financial
    paid_90 / nullif(paid_90 + failed_90, 0) AS payment_success_rate,
    CASE WHEN amount_60b30 <> 0 THEN (2 * amount_30 - amount_60b30)::DOUBLE / amount_60b30::DOUBLE END
      AS payment_trend,
    CASE WHEN payment_days >= 3 THEN 1 / (1 + payment_variation) END AS payment_consistency,
    failed_90 + refunded_90 + disputed_90 AS billing_issues_90d,
    paid_90 / 3 AS transaction_frequency,
    CASE WHEN amounts_90 > 0 THEN amount_90::DOUBLE / 1099511627776 / amounts_90 END AS avg_transaction_value,
    -- Behaviour
    by_customer_30 / nullif(done_30 + by_customer_30, 0) AS cancellation_rate,
    by_customer_30 / nullif(done_30 + by_customer_30, 0)
      - by_customer_60b30 / nullif(done_60b30 + by_customer_60b30, 0) AS cancellation_trend,
    late_90 / nullif(by_customer_90, 0) AS late_cancellation_rate,
    no_show_90 / nullif(done_90 + cancelled_90 + no_show_90, 0) AS no_show_rate,
    rescheduled_90 / nullif(done_90 + rescheduled_90, 0) AS reschedule_rate,
    calls_30 AS ib_call_frequency,
    calls_14 - calls_14b14 AS ib_call_trend,
    tickets_30 AS support_ticket_count,
    exp(-log_reply_30) AS responsiveness_score,
    (epoch_us(t) - epoch_us(last_any)) / 86400e6 AS days_since_last_activity,
    -- Tutor
    top_share AS tutor_consistency,
    CASE WHEN requested_30 > 0 THEN least(1.0::DOUBLE, accepted_30 / requested_30) END AS tutor_availability,
    tutor_rating_30 AS tutor_rating,
    match_90 AS tutor_match_quality,
    tutor_changed_90 / 3 AS tutor_change_frequency,
    tutors_90 AS distinct_tutors_90d,
    by_tutor_90 / nullif(done_90 + cancelled_90 + no_show_90, 0) AS tutor_cancellation_rate,
    exp(log_tutor_reply_30) - 1 AS tutor_response_hours,
    (epoch_us(t) - epoch_us(last_tutor)) / 86400e6 AS current_tutor_tenure
  FROM parts
)
SELECT * EXCLUDE (point),
  -- The 30 features that can be missing.
  ((avg_session_gap IS NOT NULL)::INT + (max_session_gap IS NOT NULL)::INT
   + (days_since_last_session IS NOT NULL)::INT + (session_trend IS NOT NULL)::INT
   + (session_volatility IS NOT NULL)::INT + (avg_session_minutes_30d IS NOT NULL)::INT
   + (avg_rating IS NOT NULL)::INT + (rating_consistency IS NOT NULL)::INT
   + (rating_trend IS NOT NULL)::INT + (engagement_velocity IS NOT NULL)::INT
   + (content_completion_rate IS NOT NULL)::INT + (message_reply_rate IS NOT NULL)::INT
   + (payment_success_rate IS NOT NULL)::INT + (payment_trend IS NOT NULL)::INT
   + (payment_consistency IS NOT NULL)::INT + (avg_transaction_value IS NOT NULL)::INT
   + (cancellation_rate IS NOT NULL)::INT + (cancellation_trend IS NOT NULL)::INT
   + (late_cancellation_rate IS NOT NULL)::INT + (no_show_rate IS NOT NULL)::INT
   + (reschedule_rate IS NOT NULL)::INT + (responsiveness_score IS NOT NULL)::INT
   + (days_since_last_activity IS NOT NULL)::INT + (tutor_consistency IS NOT NULL)::INT
   + (tutor_availability IS NOT NULL)::INT + (tutor_rating IS NOT NULL)::INT
   + (tutor_match_quality IS NOT NULL)::INT + (tutor_cancellation_rate IS NOT NULL)::INT
   + (tutor_response_hours IS NOT NULL)::INT + (current_tutor_tenure IS NOT NULL)::INT) / 30 AS coverage
FROM features
ORDER BY point
