#include "api/effect_rows.h"

namespace tideline {
namespace {

std::optional<double> change_of(const std::optional<double>& before,
                                const std::optional<double>& after) {
  return before && after ? std::optional(*after - *before) : std::nullopt;
}

}  // namespace

Result<std::vector<EffectRow>> effect_rows(Inbox& inbox, Time from) {
  std::vector<EffectRow> rows;
  TRY(inbox.visit_follow_ups([&](const FollowUp& one) {
    if (one.due < from) return true;
    EffectRow& row = rows.emplace_back();
    row.customer = one.customer.str();
    row.play = one.play;
    row.held_out = one.held_out;
    row.due = one.due;
    row.known = one.outcome.has_value();
    if (!one.outcome) return true;
    row.retained = one.outcome->retained;
    row.risk_change = change_of(one.before.risk, one.outcome->after.risk);
    row.health_change = change_of(one.before.health, one.outcome->after.health);
    row.amount_change = change_of(one.before.amount, one.outcome->after.amount);
    return true;
  }));
  return rows;
}

}  // namespace tideline
