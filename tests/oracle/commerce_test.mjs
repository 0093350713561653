// Tests the commerce oracle itself against values worked out by hand.
// tideline-test: needs=none timeout=60
import { check, event, expect } from './hand_cases.mjs';

// Order days -3, -5, -25, -45, -145; two lines of one order on day -3, of one moment.
const order = (days, properties, settings) =>
  event('shopper', days, 'Order Completed', properties, settings);
order(-2.5, { order_id: 'o5', revenue: 10, quantity: 1 }, { id: 'a' });
order(-2.5, { order_id: 'o5', revenue: 7.25, quantity: 2 }, { id: 'b' });
order(-5, { order_id: 'o4', revenue: 20, quantity: 3 });
order(-25, { order_id: 'o3', revenue: 40, quantity: 4, currency: 'USD' });
order(-45, { order_id: 'o2', revenue: 99, quantity: 5, currency: 'EUR' });
order(-45, { order_id: 'o1', revenue: 30 });
order(-145, { order_id: 'o0', revenue: 50, quantity: 6 });
order(-1, { order_id: 'late', revenue: 1000 }, { arrives: 2 });  // not known yet at T
order(1, { order_id: 'next', revenue: 1000 });
event('shopper', -4, 'Order Refunded', { revenue: 5 });
event('shopper', -4, 'Order Refunded', { revenue: 6 });
event('shopper', -100, 'Order Refunded', { revenue: 6 });
event('shopper', -6, 'Order Cancelled', { revenue: 6 });
event('shopper', -91, 'Order Cancelled', { revenue: 6 });
event('shopper', -8, 'Product Viewed');
event('shopper', -31, 'Product Viewed');
event('shopper', -8, 'Cart Updated');
event('shopper', -9, 'Coupon Redeemed', { coupon: 'c' });
event('shopper', -10, 'Campaign Delivered');
event('shopper', -89, 'Campaign Delivered');
event('shopper', -2, 'Anything', {}, { type: 'page' });
// Gaps of the days -145, -45, -25, -5, -3: 100, 20, 20, 2; within 120 days the last three.
const mean = 142 / 4;
const sd = Math.sqrt((100 ** 2 + 20 ** 2 + 20 ** 2 + 2 ** 2) / 4 - mean ** 2);
expect('shopper', 0, {
  order_days_7d: 2, order_days_14d: 2, order_days_28d: 3, order_days_60d: 4, order_days_90d: 4,
  order_days_120d: 4, order_days_ever: 5, order_rate_ever: 30 * 4 / 145, active_weeks_12w: 3,
  days_since_last_order: 2.5, days_since_first_order: 145, buying_span: 142.5,
  avg_order_gap: mean, max_order_gap: 100, sd_order_gap: sd, avg_order_gap_120d: 42 / 3,
  recency_ratio: 2.5 / mean, recency_to_max_gap: 0.025, recency_share: 2.5 / 145,
  log_recency: Math.log(3.5),
  // Days: 3 in the last 28, 1 in the 28 before.
  order_trend: 0.5,
  // The line in EUR is an order, but no money: 77.25 in 30 days against 30 in the 60 before.
  spend_trend: (77.25 - 15) / 15,
  // Lines in the last 12 blocks: 3 in the first, 1 in the fourth, 2 in the seventh.
  order_volatility: Math.sqrt(12 * (9 + 1 + 4) - 36) / 6,
  revenue_28d: 77.25, revenue_90d: 107.25, revenue_ever: 157.25,
  revenue_per_order_day_90d: 107.25 / 4, revenue_per_order_day_ever: 157.25 / 5,
  max_line_revenue: 50, last_revenue: 7.25, quantity_per_order_day_90d: 15 / 4,
  lines_per_order_day_90d: 6 / 4, orders_90d: 5,
  refund_days_90d: 1, refunds_ever: 3, refund_share: 2 / 7, cancelled_90d: 1,
  views_30d: 1, cart_updates_30d: 1, coupons_90d: 1, campaigns_90d: 2,
  days_since_last_activity: 2, coverage: 1,
});

// One order, half a day ago: no gap yet, the age counts as one day at least.
event('new', -0.5, 'Order Completed', { revenue: 12.5 });
expect('new', 0, {
  order_days_ever: 1, order_rate_ever: 0, days_since_first_order: 0.5, buying_span: 0,
  avg_order_gap: null, max_order_gap: null, sd_order_gap: null, avg_order_gap_120d: null,
  recency_ratio: null, recency_to_max_gap: null, recency_share: 0.5, order_trend: 1,
  spend_trend: null, orders_90d: 0, quantity_per_order_day_90d: 0, refund_share: 0,
  last_revenue: 12.5, coverage: 16 / 23,
});
// After 121 days only what goes by "ever" is left.
expect('new', 200, {
  order_days_120d: 0, order_days_ever: 1, days_since_last_order: 200.5, revenue_ever: 12.5,
  revenue_per_order_day_90d: null, order_trend: null, order_volatility: null,
  days_since_last_activity: null, coverage: 10 / 23,
});
expect('nobody', 0, {
  order_days_ever: 0, order_rate_ever: null, days_since_first_order: null, revenue_ever: 0,
  last_revenue: null, max_line_revenue: null, refund_share: null, coverage: 0,
});

await check('commerce.sql', 42);
