-- The oracle of the learning pack: its 52 features and their coverage, in SQL from their definitions alone.
-- Input, output and windows as in marketplace.sql; "ever" is everything known at t, however old.
WITH
edges AS MATERIALIZED (
  SELECT point, customer_id, as_of AS t,
         date_trunc('hour', as_of - INTERVAL 7 DAY)  AS e7,
         date_trunc('hour', as_of - INTERVAL 14 DAY) AS e14,
         date_trunc('day', as_of - INTERVAL 21 DAY)  AS e21,
         date_trunc('day', as_of - INTERVAL 28 DAY)  AS e28,
         date_trunc('day', as_of - INTERVAL 90 DAY)  AS e90
  FROM points
),
seen AS MATERIALIZED (
  SELECT customer_id, event_time AS ts, arrival_time AS arrived, message_id,
         CAST(event_time AS DATE) AS day, event AS name,
         event = 'Learning Session' AS is_session,
         event = 'Assignment Submitted' AS is_handed_in,
         -- Sums of these are exact: multiples of 2^-40, and whole numbers in all known sources.
         CAST(round(CAST(properties ->> '$.clicks' AS DOUBLE) * 1099511627776) AS HUGEINT) AS clicks,
         CAST(round(CAST(properties ->> '$.sites' AS DOUBLE) * 1099511627776) AS HUGEINT) AS sites,
         CAST(properties ->> '$.score' AS DOUBLE) AS score,
         CAST(properties ->> '$.days_late' AS DOUBLE) AS days_late,
         CAST(properties ->> '$.credits' AS DOUBLE) AS credits,
         CAST(properties ->> '$.previous_attempts' AS DOUBLE) AS previous_attempts
  FROM events
  WHERE type = 'track' AND customer_id IN (SELECT customer_id FROM points)
),
counts AS (
  SELECT point,
    count(*) FILTER (is_session AND ts >= e7)  AS sessions_7,
    count(*) FILTER (is_session AND ts >= e14) AS sessions_14,
    count(*) FILTER (is_session AND ts >= e28) AS sessions_28,
    count(*) FILTER (is_session AND ts >= e90) AS sessions_90,
    count(*) FILTER (is_session)               AS sessions,
    count(*) FILTER (is_session AND ts >= e28 AND ts < e14) AS sessions_14b14,
    count(*) FILTER (is_session AND ts >= e14 AND ts < e7)  AS sessions_7b7,
    count(*) FILTER (is_session AND ts >= e21 AND ts < e14) AS w3,
    count(*) FILTER (is_session AND ts >= e28 AND ts < e21) AS w4,
    count(DISTINCT day) FILTER (is_session AND ts >= e7)  AS days_7,
    count(DISTINCT day) FILTER (is_session AND ts >= e14) AS days_14,
    count(DISTINCT day) FILTER (is_session AND ts >= e28) AS days_28,
    count(DISTINCT day) FILTER (is_session)               AS days,
    coalesce(sum(clicks) FILTER (is_session AND ts >= e7), 0)  AS clicks_7,
    coalesce(sum(clicks) FILTER (is_session AND ts >= e14), 0) AS clicks_14,
    coalesce(sum(clicks) FILTER (is_session AND ts >= e28), 0) AS clicks_28,
    coalesce(sum(clicks) FILTER (is_session), 0)               AS clicks_all,
    coalesce(sum(clicks) FILTER (is_session AND ts >= e28 AND ts < e14), 0) AS clicks_14b14,
    count(clicks) FILTER (is_session AND ts >= e28) AS clicked_28,
    count(clicks) FILTER (is_session)               AS clicked_all,
    coalesce(sum(sites) FILTER (is_session AND ts >= e7), 0)  AS sites_7,
    coalesce(sum(sites) FILTER (is_session AND ts >= e14), 0) AS sites_14,
    coalesce(sum(sites) FILTER (is_session AND ts >= e28), 0) AS sites_28,
    coalesce(sum(sites) FILTER (is_session), 0)               AS sites_all,
    count(*) FILTER (is_handed_in)                AS handed_in,
    count(*) FILTER (is_handed_in AND ts >= e28)  AS handed_in_28,
    count(*) FILTER (name = 'Assignment Missed')  AS missed,
    count(*) FILTER (name = 'Assignment Missed' AND ts >= e28) AS missed_28,
    count(*) FILTER (is_handed_in AND days_late > 0) AS late
  FROM edges JOIN seen ON seen.customer_id = edges.customer_id AND ts <= t AND arrived <= t
  GROUP BY point
),
-- What can be missing. Of several events of one moment the one with the greatest message id is the last.
figures AS (
  SELECT point,
    min(ts) FILTER (is_session) AS first_session,
    max(ts) FILTER (is_session) AS last_session,
    min(ts) FILTER (name = 'Enrolled') AS first_enrolled,
    max(ts) FILTER (is_handed_in) AS last_handed_in,
    max(clicks) FILTER (is_session AND ts >= e28) AS clicks_max,
    arg_max(clicks, (ts, message_id)) FILTER (is_session AND clicks IS NOT NULL) AS clicks_last,
    avg(score) FILTER (is_handed_in) AS score_mean,
    min(score) FILTER (is_handed_in) AS score_min,
    arg_max(score, (ts, message_id)) FILTER (is_handed_in AND score IS NOT NULL) AS score_last,
    avg(days_late) FILTER (is_handed_in) AS late_mean,
    arg_max(days_late, (ts, message_id)) FILTER (is_handed_in AND days_late IS NOT NULL) AS late_last,
    arg_max(credits, (ts, message_id)) FILTER (name = 'Enrolled' AND credits IS NOT NULL) AS credits_last,
    arg_max(previous_attempts, (ts, message_id))
      FILTER (name = 'Enrolled' AND previous_attempts IS NOT NULL) AS attempts_last
  FROM edges JOIN seen ON seen.customer_id = edges.customer_id AND ts <= t AND arrived <= t
  GROUP BY point
),
session_days AS (
  SELECT DISTINCT point, day
  FROM edges JOIN seen
    ON seen.customer_id = edges.customer_id AND ts >= e90 AND ts <= t AND arrived <= t
  WHERE is_session
),
gaps AS (
  SELECT point, CAST(day - lag(day) OVER (PARTITION BY point ORDER BY day) AS BIGINT) AS gap
  FROM session_days
),
session_gaps AS (
  SELECT point, sum(gap) / count(*) AS gap_mean, max(gap) AS gap_max,
         sqrt(count(*) * sum(gap * gap) - sum(gap) * sum(gap)) / count(*) AS gap_sd
  FROM gaps WHERE gap IS NOT NULL GROUP BY point
),
parts AS (
  SELECT edges.point, edges.customer_id, edges.t, figures.* EXCLUDE (point), session_gaps.* EXCLUDE (point),
         (epoch_us(t) - epoch_us(last_session)) / 86400e6 AS since_last,
         (epoch_us(t) - epoch_us(first_session)) / 86400e6 AS since_first,
         (epoch_us(t) - epoch_us(first_enrolled)) / 86400e6 AS since_enrolled,
         coalesce(COLUMNS(counts.* EXCLUDE (point)), 0)
  FROM edges
  LEFT JOIN counts ON counts.point = edges.point
  LEFT JOIN figures ON figures.point = edges.point
  LEFT JOIN session_gaps ON session_gaps.point = edges.point
),
features AS (
  SELECT point, customer_id, t AS as_of,
    -- Presence; the last 4 blocks of 7 days hold sessions_7, sessions_7b7, w3 and w4
    sessions_7 AS sessions_7d,
    sessions_14 AS sessions_14d,
    sessions_28 AS sessions_28d,
    sessions_90 AS sessions_90d,
    sessions AS sessions_ever,
    least(1.0::DOUBLE, days_7 / 7) AS active_share_7d,
    least(1.0::DOUBLE, days_14 / 14) AS active_share_14d,
    least(1.0::DOUBLE, days_28 / 28) AS active_share_28d,
    days AS active_days_ever,
    CASE WHEN since_first IS NOT NULL THEN least(1.0::DOUBLE, days / greatest(1.0::DOUBLE, since_first)) END
      AS active_share_ever,
    (sessions_7 > 0)::INT + (sessions_7b7 > 0)::INT + (w3 > 0)::INT + (w4 > 0)::INT AS active_weeks_4w,
    sqrt(4 * (sessions_7 * sessions_7 + sessions_7b7 * sessions_7b7 + w3 * w3 + w4 * w4)
         - (sessions_7 + sessions_7b7 + w3 + w4) * (sessions_7 + sessions_7b7 + w3 + w4))
      / nullif(sessions_7 + sessions_7b7 + w3 + w4, 0) AS session_volatility,
    -- Rhythm
    since_last AS days_since_last_session,
    since_first AS days_since_first_session,
    since_enrolled AS days_since_enrolled,
    since_enrolled - since_first AS days_to_first_session,
    gap_mean AS avg_session_gap,
    gap_max AS max_session_gap,
    gap_sd AS sd_session_gap,
    since_last / (gap_mean + 1) AS recency_ratio,
    since_last / (gap_max + 1) AS recency_to_max_gap,
    ln(1 + since_last) AS log_recency,
    -- Depth
    ln(1 + clicks_7::DOUBLE / 1099511627776) AS clicks_7d,
    ln(1 + clicks_14::DOUBLE / 1099511627776) AS clicks_14d,
    ln(1 + clicks_28::DOUBLE / 1099511627776) AS clicks_28d,
    ln(1 + clicks_all::DOUBLE / 1099511627776) AS clicks_ever,
    ln(1 + sites_7::DOUBLE / 1099511627776) AS site_days_7d,
    ln(1 + sites_14::DOUBLE / 1099511627776) AS site_days_14d,
    ln(1 + sites_28::DOUBLE / 1099511627776) AS site_days_28d,
    ln(1 + sites_all::DOUBLE / 1099511627776) AS site_days_ever,
    clicks_28::DOUBLE / 1099511627776 / nullif(clicked_28, 0) AS clicks_per_session_28d,
    clicks_all::DOUBLE / 1099511627776 / nullif(clicked_all, 0) AS clicks_per_session_ever,
    clicks_last::DOUBLE / 1099511627776 AS last_clicks,
    clicks_max::DOUBLE / 1099511627776 AS max_clicks_28d,
    -- Trend
    (sessions_14 - sessions_14b14) / nullif(sessions_14 + sessions_14b14, 0) AS session_trend,
    (sessions_7 - sessions_7b7) / nullif(sessions_7 + sessions_7b7, 0) AS session_trend_7d,
    CASE WHEN clicks_14 + clicks_14b14 <> 0
         THEN (clicks_14 - clicks_14b14)::DOUBLE / (clicks_14 + clicks_14b14)::DOUBLE END AS click_trend,
    CASE WHEN clicks_all <> 0 THEN clicks_14::DOUBLE / clicks_all::DOUBLE END AS share_of_clicks_14d,
    -- Assignments
    handed_in AS assignments_submitted,
    missed AS assignments_missed,
    missed / nullif(missed + handed_in, 0) AS missed_share,
    missed_28 AS missed_28d,
    handed_in_28 AS submitted_28d,
    score_mean AS mean_score,
    score_last AS last_score,
    score_min AS min_score,
    (epoch_us(t) - epoch_us(last_handed_in)) / 86400e6 AS days_since_last_assignment,
    late AS late_assignments,
    late_mean AS mean_days_late,
    late_last AS last_days_late,
    -- Enrolment
    attempts_last AS previous_attempts,
    credits_last AS credits
  FROM parts
)
SELECT * EXCLUDE (point),
  -- The 29 features that can be missing.
  len(list_filter([active_share_ever, session_volatility, days_since_last_session, days_since_first_session,
    days_since_enrolled, days_to_first_session, avg_session_gap, max_session_gap, sd_session_gap,
    recency_ratio, recency_to_max_gap, log_recency, clicks_per_session_28d, clicks_per_session_ever,
    last_clicks, max_clicks_28d, session_trend, session_trend_7d, click_trend, share_of_clicks_14d,
    missed_share, mean_score, last_score, min_score, days_since_last_assignment, mean_days_late,
    last_days_late, previous_attempts, credits], lambda x: x IS NOT NULL)) / 29 AS coverage
FROM features
ORDER BY point
