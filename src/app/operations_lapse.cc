// lapse: the errors of every lapse period over the folder's own history.
#include "app/operations.h"
#include "learning/lapse.h"
#include "pipeline/rebuild.h"

namespace tideline {
namespace {

// From the first event of anybody to now.
Result<Time> first_event(Engine& engine) {
  Time first = engine.now().now();
  std::optional<Error> broken;
  TRY(engine.state().scan(Family::customers, "", "",
                          [&](std::string_view, std::string_view value) {
                            const auto state = CustomerState::decode(engine.pack(), value);
                            if (!state) {
                              broken = state.error();
                              return false;
                            }
                            first = std::min(first, state->first_event().value_or(first));
                            return true;
                          }));
  if (broken) return fail(*broken);
  return first;
}

}  // namespace

Result<Json> draw_lapse_curve(const OperationContext& context, const boost::json::object&) {
  Engine& engine = context.engine;
  const Time now = engine.now().now();
  TRY(engine.flush_lake(false));
  TRY_ASSIGN(const Time first, first_event(engine));
  LapseCounter counter(engine.pack(), first, now);
  std::size_t seen = 0;
  TRY(visit_pasts(
      engine.state(), engine.lake(), engine.pack(), now, [&](CustomerPast& past) -> Result<bool> {
        counter.add(past.observations);
        if (++seen % 1'000 != 0 || !context.progress) return true;
        return context.progress({"looking at silences", -1, std::to_string(seen) + " customers"});
      }));
  TRY_ASSIGN(const LapseCurve curve, counter.curve());
  boost::json::array points;
  for (const LapsePoint& point : curve.points) {
    points.push_back(boost::json::object{{"days", point.days},
                                         {"type_1", point.type_1},
                                         {"type_2", point.type_2},
                                         {"taken_for_gone", point.taken}});
  }
  return Json(
      boost::json::object{{"recommended_days", curve.recommended},
                          {"pack_days", static_cast<std::int64_t>(engine.pack().lapse() / kDay)},
                          {"follow_up_days", curve.follow_up_days},
                          {"moments", curve.moments},
                          {"came_back", curve.came_back},
                          {"stayed_away", curve.stayed_away},
                          {"curve", std::move(points)}});
}

}  // namespace tideline
