// Tests the engagement oracle itself against values worked out by hand.
// tideline-test: needs=none timeout=60
import { check, event, expect } from './hand_cases.mjs';

// Active days -2, -5, -13 (two visits), -20, -40 and -130.
for (const day of [-1.5, -4.5, -12.5, -12.25, -19.5, -39.5, -129.5]) {
  event('ann', day, 'Signed In');
}
event('ann', -1.45, 'Session Ended', { minutes: 30 });
event('ann', -12.4, 'Session Ended', { minutes: 10.5 });
event('ann', -12.2, 'Session Ended');
event('ann', -39.4, 'Session Ended', { minutes: 20 });
event('ann', -129.4, 'Session Ended', { minutes: 5 });
event('ann', -1, 'Session Ended', { minutes: 400 }, { arrives: 1 });  // not known yet at T
event('ann', 1, 'Signed In');
const often = (name, days, properties) =>
  days.forEach((day) => event('ann', day, name, properties));
often('Feed Viewed', [-1.5, -4.5, -39.5, -95]);
often('Story Posted', [-12.5, -40, -129]);
often('Story Viewed', [-12.5, -19.5, -28.5, -39, -100]);
often('Story Prompt Answered', [-12.5, -129]);
often('Conversation Started', [-19.5, -60]);
often('Conversation Prompt Used', [-19.5, -60]);
often('Message Sent', [-1.5, -1.4, -8, -13, -14.5, -20, -60, -129]);
often('Message Received', [-2, -61]);
often('Match Made', [-19.5, -80], { compatibility: 0.75 });
often('Match Made', [-129], { compatibility: 0.25 });
often('Match Made', [-128]);
often('Like Given', [-2, -3, -29, -89]);
often('Like Received', [-4, -120]);
often('Date Proposed', [-10, -50, -51, -52]);
often('Date Accepted', [-9.5]);
often('Date Completed', [-7.5, -90.5]);
often('Creator Followed', [-20, -50]);
often('Friend Added', [-20]);
often('Profile Updated', [-20, -30, -100]);
often('Premium Started', [-100, -20]);
often('Premium Cancelled', [-60]);
event('ann', -100, 'Payment Succeeded', { amount: 40 });
event('ann', -40, 'Payment Succeeded', { amount: 19.5, currency: 'USD' });
event('ann', -20, 'Payment Succeeded', { amount: 20 });
event('ann', -20, 'Payment Succeeded', { amount: 99, currency: 'EUR' });
often('Payment Failed', [-41, -95]);
often('Boost Bought', [-20]);
often('Report Filed', [-10]);
often('Support Ticket Opened', [-10, -11]);
often('Notification Received', [-1, -2, -3, -88]);
often('Notification Opened', [-1]);
event('ann', -0.5, 'Signed In', {}, { type: 'page' });  // no track event
expect('ann', 0, {
  active_days_7d: 2, active_days_28d: 4, active_days_90d: 5, sessions_7d: 1, sessions_28d: 3,
  session_minutes_28d: 40.5, session_minutes_90d: 60.5, avg_session_minutes: 65.5 / 4,
  days_since_last_visit: 1.45, avg_visit_gap: (20 + 7 + 8 + 3) / 4, max_visit_gap: 20,
  visit_trend: (3 - 1) / 4, visit_volatility: Math.sqrt(8 * (4 + 4 + 1 + 1) - 36) / 6,
  active_weeks_12w: 4,
  feed_views_28d: 2, feed_views_per_day: 3 / 5, stories_posted_28d: 1, stories_posted_90d: 2,
  // The window of 28 days begins at midnight: -28.5 lies before it.
  stories_viewed_28d: 2, stories_viewed_90d: 4, stories_per_day: 8 / 6, story_days_28d: 2,
  story_trend: (3 - 3) / 6, days_since_last_story: 12.5, story_prompts_28d: 1,
  story_prompt_share: 2 / 3,
  conversations_started_28d: 1, conversation_prompts_28d: 1, messages_sent_7d: 2,
  messages_sent_28d: 6, messages_sent_90d: 7, messages_received_28d: 1, message_reply_rate: 3.5,
  message_days_28d: 5, messages_per_day: 8 / 6, message_trend: (4 - 2) / 6,
  days_since_last_message: 1.4, messages_per_conversation: 3.5,
  matches_28d: 1, matches_90d: 2, matches_per_day: 4 / 6, match_yield: 2 / 4,
  avg_compatibility: 1.75 / 3, days_since_last_match: 19.5, dates_proposed_28d: 1,
  date_acceptance: 1 / 4, dates_completed_28d: 1, dates_completed_90d: 1,
  likes_given_28d: 2, likes_received_28d: 1, like_balance: (1 - 4) / 5, creators_followed_90d: 2,
  friends_added_90d: 1, profile_updates_90d: 2,
  premium_now: 1, days_since_premium_change: 20, amount_30d: 20, amount_90d: 39.5,
  payment_days_ever: 3, days_since_last_payment: 20, days_since_first_payment: 100,
  avg_payment_day: 79.5 / 3, payment_success_rate: 3 / 4, boosts_90d: 1,
  notifications_28d: 3, notification_open_rate: 1 / 4, reports_filed_90d: 1,
  support_tickets_90d: 2,
  tenure_days: 129.5, active_days_ever: 6, active_share_ever: 6 / 130.5, longest_gap_ever: 90,
  coverage: 1,
});
// After 120 days without a visit only what goes by "ever" is left.
expect('ann', 130, {
  active_days_90d: 0, avg_visit_gap: null, visit_trend: null, visit_volatility: null,
  feed_views_per_day: null, days_since_last_visit: 129, avg_session_minutes: 465.5 / 5,
  like_balance: null, payment_success_rate: null, premium_now: 1, longest_gap_ever: 90,
  coverage: 17 / 31,
});
expect('nobody', 0, {
  active_days_28d: 0, days_since_last_visit: null, avg_session_minutes: null,
  story_prompt_share: null, date_acceptance: null, notification_open_rate: null,
  active_share_ever: null, premium_now: 0, amount_90d: 0, tenure_days: null, coverage: 0,
});

await check('engagement.sql', 72);
