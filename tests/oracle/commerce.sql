-- The oracle of the commerce pack: its 42 features and their coverage, in SQL from their definitions alone.
-- Input, output and windows as in marketplace.sql; "ever" is everything known at t, however old.
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
         date_trunc('day', as_of - INTERVAL 60 DAY)  AS e60,
         date_trunc('day', as_of - INTERVAL 63 DAY)  AS e63,
         date_trunc('day', as_of - INTERVAL 70 DAY)  AS e70,
         date_trunc('day', as_of - INTERVAL 77 DAY)  AS e77,
         date_trunc('day', as_of - INTERVAL 84 DAY)  AS e84,
         date_trunc('day', as_of - INTERVAL 90 DAY)  AS e90,
         date_trunc('day', as_of - INTERVAL 120 DAY) AS e120
  FROM points
),
seen AS MATERIALIZED (
  SELECT customer_id, event_time AS ts, arrival_time AS arrived, message_id,
         CAST(event_time AS DATE) AS day,
         CASE WHEN type = 'track' THEN event END AS name,
         type = 'track' AND event = 'Order Completed' AS is_order,
         properties ->> '$.order_id' AS order_id,
         -- Money in another currency than the pack's is left out.
         CASE WHEN coalesce(properties ->> '$.currency', 'USD') = 'USD'
              THEN CAST(round(CAST(properties ->> '$.revenue' AS DOUBLE) * 1099511627776) AS HUGEINT)
              END AS revenue,
         CAST(round(CAST(properties ->> '$.quantity' AS DOUBLE) * 1099511627776) AS HUGEINT) AS quantity
  FROM events
  WHERE type IN ('track', 'page', 'screen')
    AND customer_id IN (SELECT customer_id FROM points)
),
counts AS (
  SELECT point,
    count(DISTINCT day) FILTER (is_order AND ts >= e7)   AS days_7,
    count(DISTINCT day) FILTER (is_order AND ts >= e14)  AS days_14,
    count(DISTINCT day) FILTER (is_order AND ts >= e28)  AS days_28,
    count(DISTINCT day) FILTER (is_order AND ts >= e60)  AS days_60,
    count(DISTINCT day) FILTER (is_order AND ts >= e90)  AS days_90,
    count(DISTINCT day) FILTER (is_order AND ts >= e120) AS days_120,
    count(DISTINCT day) FILTER (is_order)                AS days_ever,
    count(DISTINCT day) FILTER (is_order AND ts >= e56 AND ts < e28) AS days_28b28,
    min(ts) FILTER (is_order) AS first_order,
    max(ts) FILTER (is_order) AS last_order,
    count(*) FILTER (is_order AND ts >= e7)               AS w1,
    count(*) FILTER (is_order AND ts >= e14 AND ts < e7)  AS w2,
    count(*) FILTER (is_order AND ts >= e21 AND ts < e14) AS w3,
    count(*) FILTER (is_order AND ts >= e28 AND ts < e21) AS w4,
    count(*) FILTER (is_order AND ts >= e35 AND ts < e28) AS w5,
    count(*) FILTER (is_order AND ts >= e42 AND ts < e35) AS w6,
    count(*) FILTER (is_order AND ts >= e49 AND ts < e42) AS w7,
    count(*) FILTER (is_order AND ts >= e56 AND ts < e49) AS w8,
    count(*) FILTER (is_order AND ts >= e63 AND ts < e56) AS w9,
    count(*) FILTER (is_order AND ts >= e70 AND ts < e63) AS w10,
    count(*) FILTER (is_order AND ts >= e77 AND ts < e70) AS w11,
    count(*) FILTER (is_order AND ts >= e84 AND ts < e77) AS w12,
    coalesce(sum(revenue) FILTER (is_order AND ts >= e28), 0) AS revenue_28,
    coalesce(sum(revenue) FILTER (is_order AND ts >= e30), 0) AS revenue_30,
    coalesce(sum(revenue) FILTER (is_order AND ts >= e90), 0) AS revenue_90,
    coalesce(sum(revenue) FILTER (is_order AND ts >= e90 AND ts < e30), 0) AS revenue_60b30,
    coalesce(sum(revenue) FILTER (is_order), 0) AS revenue_all,
    max(revenue) FILTER (is_order) AS revenue_max,
    -- Of several lines of one moment the one with the greatest message id is the last.
    arg_max(revenue, (ts, message_id)) FILTER (is_order AND revenue IS NOT NULL) AS revenue_last,
    coalesce(sum(quantity) FILTER (is_order AND ts >= e90), 0) AS quantity_90,
    count(*) FILTER (is_order AND ts >= e90) AS lines_90,
    count(DISTINCT order_id) FILTER (is_order AND ts >= e90) AS orders_90,
    count(DISTINCT day) FILTER (name = 'Order Refunded' AND ts >= e90) AS refund_days_90,
    count(DISTINCT day) FILTER (name = 'Order Refunded') AS refund_days_ever,
    count(*) FILTER (name = 'Order Refunded') AS refunds,
    count(*) FILTER (name = 'Order Cancelled' AND ts >= e90) AS cancelled_90,
    count(*) FILTER (name = 'Product Viewed' AND ts >= e30) AS viewed_30,
    count(*) FILTER (name = 'Cart Updated' AND ts >= e30) AS cart_30,
    count(*) FILTER (name = 'Coupon Redeemed' AND ts >= e90) AS coupons_90,
    count(*) FILTER (name = 'Campaign Delivered' AND ts >= e90) AS campaigns_90,
    max(ts) FILTER (ts >= e120) AS last_any
  FROM edges JOIN seen ON seen.customer_id = edges.customer_id AND ts <= t AND arrived <= t
  GROUP BY point
),
order_days AS (
  SELECT DISTINCT point, e120, day
  FROM edges JOIN seen ON seen.customer_id = edges.customer_id AND ts <= t AND arrived <= t
  WHERE is_order
),
gaps AS (
  SELECT point,
         CAST(day - lag(day) OVER (PARTITION BY point ORDER BY day) AS BIGINT) AS gap,
         -- Both ends of a distance must lie in the window.
         lag(day) OVER (PARTITION BY point ORDER BY day) >= CAST(e120 AS DATE) AS in_120
  FROM order_days
),
order_gaps AS (
  SELECT point, sum(gap) / count(*) AS gap_mean, max(gap) AS gap_max,
         sqrt(count(*) * sum(gap * gap) - sum(gap) * sum(gap)) / count(*) AS gap_sd,
         sum(gap) FILTER (in_120) / count(*) FILTER (in_120) AS gap_mean_120
  FROM gaps WHERE gap IS NOT NULL GROUP BY point
),
parts AS (
  SELECT edges.point, edges.customer_id, edges.t,
         gap_mean, gap_max, gap_sd, gap_mean_120,
         revenue_max::DOUBLE / 1099511627776 AS revenue_max,
         revenue_last::DOUBLE / 1099511627776 AS revenue_last,
         (epoch_us(t) - epoch_us(first_order)) / 86400e6 AS since_first,
         (epoch_us(t) - epoch_us(last_order)) / 86400e6 AS since_last,
         (epoch_us(t) - epoch_us(last_any)) / 86400e6 AS since_any,
         coalesce(COLUMNS(counts.* EXCLUDE (point, first_order, last_order, last_any, revenue_max,
                                            revenue_last)), 0),
         coalesce(w1+w2+w3+w4+w5+w6+w7+w8+w9+w10+w11+w12, 0) AS weeks_sum,
         coalesce(w1*w1+w2*w2+w3*w3+w4*w4+w5*w5+w6*w6+w7*w7+w8*w8+w9*w9+w10*w10+w11*w11+w12*w12, 0)
           AS weeks_squares
  FROM edges
  LEFT JOIN counts ON counts.point = edges.point
  LEFT JOIN order_gaps ON order_gaps.point = edges.point
),
features AS (
  SELECT point, customer_id, t AS as_of,
    -- Frequency
    days_7 AS order_days_7d,
    days_14 AS order_days_14d,
    days_28 AS order_days_28d,
    days_60 AS order_days_60d,
    days_90 AS order_days_90d,
    days_120 AS order_days_120d,
    days_ever AS order_days_ever,
    30 * (days_ever - 1) / CASE WHEN since_first > 1 THEN since_first WHEN since_first <= 1 THEN 1 END
      AS order_rate_ever,
    (w1 > 0)::INT + (w2 > 0)::INT + (w3 > 0)::INT + (w4 > 0)::INT + (w5 > 0)::INT + (w6 > 0)::INT
      + (w7 > 0)::INT + (w8 > 0)::INT + (w9 > 0)::INT + (w10 > 0)::INT + (w11 > 0)::INT + (w12 > 0)::INT
      AS active_weeks_12w,
    -- Rhythm
    since_last AS days_since_last_order,
    since_first AS days_since_first_order,
    since_first - since_last AS buying_span,
    gap_mean AS avg_order_gap,
    gap_max AS max_order_gap,
    gap_sd AS sd_order_gap,
    gap_mean_120 AS avg_order_gap_120d,
    since_last / gap_mean AS recency_ratio,
    since_last / gap_max AS recency_to_max_gap,
    since_last / CASE WHEN since_first > 1 THEN since_first WHEN since_first <= 1 THEN 1 END AS recency_share,
    ln(1 + since_last) AS log_recency,
    -- Trend
    (days_28 - days_28b28) / nullif(days_28 + days_28b28, 0) AS order_trend,
    CASE WHEN revenue_60b30 <> 0 THEN (2 * revenue_30 - revenue_60b30)::DOUBLE / revenue_60b30::DOUBLE END
      AS spend_trend,
    sqrt(12 * weeks_squares - weeks_sum * weeks_sum) / nullif(weeks_sum, 0) AS order_volatility,
    -- Money and size
    revenue_28::DOUBLE / 1099511627776 AS revenue_28d,
    revenue_90::DOUBLE / 1099511627776 AS revenue_90d,
    revenue_all::DOUBLE / 1099511627776 AS revenue_ever,
    revenue_90::DOUBLE / 1099511627776 / nullif(days_90, 0) AS revenue_per_order_day_90d,
    revenue_all::DOUBLE / 1099511627776 / nullif(days_ever, 0) AS revenue_per_order_day_ever,
    revenue_max AS max_line_revenue,
    revenue_last AS last_revenue,
    quantity_90::DOUBLE / 1099511627776 / nullif(days_90, 0) AS quantity_per_order_day_90d,
    lines_90 / nullif(days_90, 0) AS lines_per_order_day_90d,
    orders_90 AS orders_90d,
    -- Trouble
    refund_days_90 AS refund_days_90d,
    refunds AS refunds_ever,
    refund_days_ever / nullif(refund_days_ever + days_ever, 0) AS refund_share,
    cancelled_90 AS cancelled_90d,
    -- Interest
    viewed_30 AS views_30d,
    cart_30 AS cart_updates_30d,
    coupons_90 AS coupons_90d,
    campaigns_90 AS campaigns_90d,
    since_any AS days_since_last_activity
  FROM parts
)
SELECT * EXCLUDE (point),
  -- The 23 features that can be missing.
  len(list_filter([order_rate_ever, days_since_last_order, days_since_first_order, buying_span, avg_order_gap,
    max_order_gap, sd_order_gap, avg_order_gap_120d, recency_ratio, recency_to_max_gap, recency_share,
    log_recency, order_trend, spend_trend, order_volatility, revenue_per_order_day_90d,
    revenue_per_order_day_ever, max_line_revenue, last_revenue, quantity_per_order_day_90d,
    lines_per_order_day_90d, refund_share, days_since_last_activity], lambda x: x IS NOT NULL)) / 23 AS coverage
FROM features
ORDER BY point
