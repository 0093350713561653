// Tests the marketplace oracle itself against values worked out by hand.
// tideline-test: needs=none timeout=60
import { check, event, expect } from './hand_cases.mjs';

// The worked example of the feature table, t at 00:00.
for (const [days, tutor] of [[-0.6, 'A'], [-0.4, 'A'], [-2.5, 'A'], [-9.5, 'B']]) {
  event('worked', days, 'Session Completed', { tutor_id: tutor });
}
expect('worked', 0, {
  sessions_7d: 3, sessions_14d: 4, sessions_30d: 4, session_frequency_7d: 2 / 7,
  avg_session_gap: 4.5, max_session_gap: 7, session_trend: 1, tutor_consistency: 3 / 4,
  distinct_tutors_90d: 2, days_since_last_session: 0.4, active_weeks_12w: 2,
  session_volatility: Math.sqrt(8 * (9 + 1) - 16) / 4, payment_success_rate: null,
  no_show_rate: 0, cancellation_rate: 0, cancellation_trend: null,
});

// Nobody: counts are 0, everything that can be missing is missing.
expect('nobody', 0, {
  sessions_7d: 0, session_frequency_30d: 0, avg_session_gap: null, session_trend: null,
  session_volatility: null, active_weeks_12w: 0, interaction_frequency: 0,
  feature_breadth_30d: 0, billing_issues_90d: 0, transaction_frequency: 0, ib_call_trend: 0,
  tutor_change_frequency: 0, distinct_tutors_90d: 0, current_tutor_tenure: null,
  days_since_last_activity: null, coverage: 0,
});

// Edges at an odd time, 10:30: short windows are cut at 10:00, long ones at midnight; both ends
// are inclusive.
const half = 10.5 / 24;
const hour = 1 / 24;
const ms = 1 / 86400e3;
event('edges', half, 'Session Completed');                  // at t itself
event('edges', half + ms, 'Session Completed');             // after t
event('edges', 10 * hour - 7, 'Session Completed');         // first moment of the 7 days
event('edges', 10 * hour - 7 - ms, 'Session Completed');    // just before: in the 14 days only
event('edges', 10 * hour - 14, 'Session Completed');        // first moment of the 14 days
event('edges', 10 * hour - 14 - ms, 'Session Completed');   // the 14 before
event('edges', -28, 'Session Completed');                   // first moment of the 14 before
event('edges', -28 - ms, 'Session Completed');
event('edges', -30, 'Session Completed');                   // first moment of the 30 days
event('edges', -30 - ms, 'Session Completed');              // in the 90 days only
event('edges', -90, 'Session Completed');
event('edges', -90 - ms, 'Session Completed');
event('edges', -1, 'Session Completed', {}, { arrives: 3 });  // not known yet at t
// A page is no session, but activity and a name.
event('edges', -3, 'Session Completed', {}, { type: 'page' });
event('edges', -3, 'Home', {}, { type: 'screen' });
event('edges', -3, 'Hidden', {}, { type: 'identify' });           // does not count at all
event('edges', -4, 'Something Else');
expect('edges', half, {
  sessions_7d: 2, sessions_14d: 4, sessions_30d: 8, session_frequency_7d: 2 / 7,
  session_frequency_14d: 3 / 14, session_frequency_30d: 6 / 30,
  session_trend: (4 - 2) / (4 + 2), days_since_last_session: 0,
  // Days in 90: -90, -31, -30, -29, -28, -14, -7, 0
  avg_session_gap: 90 / 7, max_session_gap: 59, feature_breadth_30d: 3,
  days_since_last_activity: 0,
  // Blocks: [-7, 0] 2, [-14, -7) 2, [-21, -14) 1, [-28, -21) 1, [-35, -28) 3, and -90 beyond the
  // twelfth
  active_weeks_12w: 5, session_volatility: Math.sqrt(8 * (4 + 4 + 1 + 1 + 9) - 81) / 9,
});
expect('edges', 3.5, { sessions_7d: 3 });  // the three of the last week, one of them late

// One customer with something of everything.
event('all', -5, 'Session Completed', { duration_min: 30, tutor_id: 'A', tutor_rating: 4 });
event('all', -12, 'Session Completed', { duration_min: 60, tutor_id: 'B', tutor_rating: 5 });
event('all', -20, 'Session Completed', { tutor_id: 'B' });
event('all', -40, 'Session Completed', { duration_min: 600, tutor_id: 'C', tutor_rating: 1 });
event('all', -41, 'Session Completed', {});
event('all', -4, 'Session Rated', { rating: 5 });
event('all', -11, 'Session Rated', { rating: 4 });
event('all', -19, 'Session Rated', { tutor_id: 'B' });
event('all', -39, 'Session Rated', { rating: 3 });
event('all', -3, 'Session Cancelled', { by: 'customer', notice_hours: 3 });
event('all', -33, 'Session Cancelled', { by: 'customer', notice_hours: 24 });
event('all', -34, 'Session Cancelled', { by: 'customer' });
event('all', -35, 'Session Cancelled', { by: 'tutor', notice_hours: 1 });
event('all', -36, 'Session Cancelled', {});
event('all', -37, 'Session No Show', { tutor_id: 'A' });
event('all', -38, 'Session Rescheduled', {});
for (const days of [-2, -10, -10, -16, -29]) event('all', days, 'Signed In');
event('all', -2, 'Content Viewed');
for (const days of [-8, -9, -15]) event('all', days, 'Lesson Started');
event('all', -8, 'Lesson Completed');
event('all', -6, 'Message Sent', { reply_hours: 1 });
event('all', -6, 'Message Sent', { reply_hours: 7 });
event('all', -6, 'Message Sent', {});
event('all', -6, 'Message Received');
event('all', -6, 'Message Received');
event('all', -1, 'Payment Succeeded', { amount: 10.5, currency: 'USD' });
event('all', -21, 'Payment Succeeded', { amount: 20 });
event('all', -31, 'Payment Succeeded', { amount: 8 });
event('all', -61, 'Payment Succeeded', { amount: 12 });
event('all', -62, 'Payment Succeeded', { amount: 99, currency: 'EUR' });
event('all', -63, 'Payment Failed', {});
event('all', -64, 'Payment Refunded', { amount: 5 });
event('all', -65, 'Dispute Opened', {});
event('all', -7, 'Inbound Call');
event('all', -22, 'Inbound Call');
event('all', -23, 'Inbound Call');
event('all', -24, 'Support Ticket Opened');
event('all', -80, 'Tutor Assigned', { tutor_id: 'A', match_score: 0.5 });
event('all', -50, 'Tutor Changed', { tutor_id: 'B' });
event('all', -25, 'Tutor Message', { reply_hours: 3 });
event('all', -26, 'Tutor Message', { reply_hours: 0 });
event('all', -27, 'Booking Requested');
event('all', -27, 'Booking Accepted');
event('all', -27, 'Booking Accepted');
// Gaps of the payment days -62, -61, -31, -21, -1: 1, 30, 10, 20.
const gapMean = 61 / 4;
const gapSd = Math.sqrt((1 + 900 + 100 + 400) / 4 - gapMean ** 2);
expect('all', 0, {
  sessions_7d: 1, sessions_14d: 2, sessions_30d: 3, session_frequency_30d: 3 / 30,
  session_frequency_14d: 2 / 14, session_frequency_7d: 1 / 7, avg_session_gap: 36 / 4,
  max_session_gap: 20, days_since_last_session: 5, session_trend: (2 - 1) / 3,
  // -5 in block 1, -12 in 2, -20 in 3, -40 and -41 in 6
  session_volatility: Math.sqrt(8 * (1 + 1 + 1 + 4) - 25) / 5, active_weeks_12w: 4,
  avg_session_minutes_30d: 45, avg_rating: 4, rating_consistency: 1 - Math.sqrt(2 / 3) / 2,
  rating_trend: 4.5 - 3,
  // In 7 days: 1 sign-in, 1 view, 3 messages; in 28: 4 sign-ins, 1 view, 3 + 1 lessons, 3
  // messages
  engagement_velocity: 5 / (12 / 4), content_completion_rate: 1 / 3,
  interaction_frequency: 13 / 30, message_reply_rate: 1,
  // Completed, Rated, Cancelled, Signed In, Viewed, Lesson Started, Lesson Completed, Sent,
  // Received, Payment
  // Succeeded, Inbound Call, Ticket, Tutor Message, Requested, Accepted
  feature_breadth_30d: 15, payment_success_rate: 5 / 6, payment_trend: (30.5 - 10) / 10,
  payment_consistency: 1 / (1 + gapSd / gapMean), billing_issues_90d: 3,
  transaction_frequency: 5 / 3, avg_transaction_value: 50.5 / 4, cancellation_rate: 1 / 4,
  cancellation_trend: 1 / 4 - 2 / 4, late_cancellation_rate: 1 / 3,
  no_show_rate: 1 / (5 + 5 + 1), reschedule_rate: 1 / 6, ib_call_frequency: 3,
  ib_call_trend: 1 - 2, support_ticket_count: 1, responsiveness_score: 1 / 4,
  days_since_last_activity: 1, tutor_consistency: 2 / 3, tutor_availability: 1,
  tutor_rating: 4.5, tutor_match_quality: 0.5, tutor_change_frequency: 1 / 3,
  distinct_tutors_90d: 3, tutor_cancellation_rate: 1 / 11, tutor_response_hours: 1,
  current_tutor_tenure: 50, coverage: 1,
});

await check('marketplace.sql', 46);
