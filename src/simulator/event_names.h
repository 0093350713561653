// The events of the marketplace, as its customers send them.
#pragma once

#include <string_view>

namespace tideline::marketplace_event {

inline constexpr std::string_view kSessionBooked = "Session Booked";
inline constexpr std::string_view kSessionCompleted = "Session Completed";
inline constexpr std::string_view kSessionCancelled = "Session Cancelled";
inline constexpr std::string_view kSessionRescheduled = "Session Rescheduled";
inline constexpr std::string_view kSessionNoShow = "Session No Show";
inline constexpr std::string_view kSessionRated = "Session Rated";
inline constexpr std::string_view kLessonStarted = "Lesson Started";
inline constexpr std::string_view kLessonCompleted = "Lesson Completed";
inline constexpr std::string_view kMessageSent = "Message Sent";
inline constexpr std::string_view kMessageReceived = "Message Received";
inline constexpr std::string_view kSignedIn = "Signed In";
inline constexpr std::string_view kContentViewed = "Content Viewed";
inline constexpr std::string_view kPaymentSucceeded = "Payment Succeeded";
inline constexpr std::string_view kPaymentFailed = "Payment Failed";
inline constexpr std::string_view kPaymentRefunded = "Payment Refunded";
inline constexpr std::string_view kDisputeOpened = "Dispute Opened";
inline constexpr std::string_view kInboundCall = "Inbound Call";
inline constexpr std::string_view kSupportTicketOpened = "Support Ticket Opened";
inline constexpr std::string_view kTutorAssigned = "Tutor Assigned";
inline constexpr std::string_view kTutorChanged = "Tutor Changed";
inline constexpr std::string_view kTutorMessage = "Tutor Message";
inline constexpr std::string_view kBookingRequested = "Booking Requested";
inline constexpr std::string_view kBookingAccepted = "Booking Accepted";
inline constexpr std::string_view kSubscriptionStarted = "Subscription Started";
inline constexpr std::string_view kSubscriptionCancelled = "Subscription Cancelled";

}  // namespace tideline::marketplace_event
