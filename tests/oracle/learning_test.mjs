// Tests the learning oracle itself against values worked out by hand.
// tideline-test: needs=none timeout=60
import { check, event, expect } from './hand_cases.mjs';

// Session days -2, -5, -16, -26, -96, at noon; two sessions on day -5.
const session = (days, clicks, sites, settings) =>
  event('student', days, 'Learning Session', { clicks, sites }, settings);
session(-1.5, 10, 2);
session(-4.5, 5, 1, { id: 'a' });
session(-4.5, 7, 3, { id: 'b' });
session(-15.5, 20, 4);
session(-25.5, 30, 5);
session(-95.5, 100, 6);
session(-0.5, 1000, 9, { arrives: 1 });  // not known yet at T
event('student', -99.5, 'Enrolled', { course: 'AAA', credits: 60, previous_attempts: 1 });
event('student', -3, 'Learning Session', { clicks: 3 }, { type: 'page' });
const handed = (days, properties, settings) =>
  event('student', days, 'Assignment Submitted', properties, settings);
handed(-80.5, { score: 40, days_late: -2 });
handed(-50.5, { score: 90 });
handed(-20.5, { score: 70, days_late: 3 }, { id: 'x' });
handed(-20.5, { score: 60 }, { id: 'y' });
event('student', -40.5, 'Assignment Missed');
event('student', -23.5, 'Assignment Missed');
// Gaps of the days -26, -16, -5, -2 (those within 90 days): 10, 11, 3.
const sd = Math.sqrt((100 + 121 + 9) / 3 - 64);
expect('student', 0, {
  sessions_7d: 3, sessions_14d: 3, sessions_28d: 5, sessions_90d: 5, sessions_ever: 6,
  active_share_7d: 2 / 7, active_share_14d: 2 / 14, active_share_28d: 4 / 28,
  active_days_ever: 5, active_share_ever: 5 / 95.5, active_weeks_4w: 3,
  session_volatility: Math.sqrt(4 * (9 + 1 + 1) - 25) / 5,
  days_since_last_session: 1.5, days_since_first_session: 95.5, days_since_enrolled: 99.5,
  days_to_first_session: 4, avg_session_gap: 8, max_session_gap: 11, sd_session_gap: sd,
  recency_ratio: 1.5 / 9, recency_to_max_gap: 1.5 / 12, log_recency: Math.log(2.5),
  clicks_7d: Math.log(23), clicks_14d: Math.log(23), clicks_28d: Math.log(73),
  clicks_ever: Math.log(173), site_days_7d: Math.log(7), site_days_14d: Math.log(7),
  site_days_28d: Math.log(16), site_days_ever: Math.log(22),
  clicks_per_session_28d: 72 / 5, clicks_per_session_ever: 172 / 6, last_clicks: 10,
  max_clicks_28d: 30, session_trend: 1 / 5, session_trend_7d: 1,
  click_trend: (22 - 50) / 72, share_of_clicks_14d: 22 / 172,
  assignments_submitted: 4, assignments_missed: 2, missed_share: 2 / 6, missed_28d: 1,
  submitted_28d: 2, mean_score: 65, last_score: 60, min_score: 40,
  days_since_last_assignment: 20.5, late_assignments: 1, mean_days_late: 0.5,
  last_days_late: 3, previous_attempts: 1, credits: 60, coverage: 1,
});
// Of two sessions of one moment the greater message id is the last.
expect('student', -2, { last_clicks: 7, sessions_ever: 5 });

// Enrolled, but never came.
event('absent', -30, 'Enrolled', { course: 'AAA', credits: 30, previous_attempts: 0 });
expect('absent', 0, {
  sessions_ever: 0, active_share_ever: null, session_volatility: null, days_since_enrolled: 30,
  days_since_last_session: null, days_to_first_session: null, log_recency: null, clicks_ever: 0,
  clicks_per_session_ever: null, last_clicks: null, max_clicks_28d: null, session_trend: null,
  share_of_clicks_14d: null, missed_share: null, mean_score: null, mean_days_late: null,
  credits: 30, previous_attempts: 0, coverage: 3 / 29,
});
expect('absent', -31, { days_since_enrolled: null, credits: null, coverage: 0 });

await check('learning.sql', 52);
