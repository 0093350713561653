// Pilots: what `tideline pilots` does to a folder.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "api/pilot_json.h"
#include "app/crypto.h"
#include "app/operations.h"

namespace tideline {
namespace {

Result<std::string> id_in(const boost::json::object& arguments) {
  TRY_ASSIGN(auto id, text_argument(arguments, "id"));
  if (!id) return fail(ErrorCode::invalid, "no pilot was named", "bad_argument");
  return std::move(*id);
}

NewcomerSources newcomers_of(Engine& engine) {
  return {engine.pack(), engine.state(), engine.rescorer().task_of_leaving()};
}

Result<Json> shown(Engine& engine, const std::string& id, std::size_t came) {
  TRY_ASSIGN(const Pilot pilot, engine.pilots().find(id));
  TRY_ASSIGN(const PilotReport report, engine.pilots().report(id, engine.now().now()));
  JsonWriter json;
  write_pilot_with_report(json, pilot, report);
  Json result = boost::json::parse(json.take());
  result.as_object()["came_in"] = came;
  return result;
}

Result<Json> list(Engine& engine) {
  TRY_ASSIGN(const auto pilots, engine.pilots().list());
  JsonWriter json;
  json.begin_array();
  for (const Pilot& pilot : pilots) write_pilot(json, pilot);
  return Json(boost::json::object{{"data", boost::json::parse(json.end_array().take())}});
}

Result<std::size_t> enrol(Engine& engine) {
  return enrol_everybody(engine.pilots(), newcomers_of(engine), engine.now().now());
}

// "start" true: it takes customers in at once.
Result<Json> create(Engine& engine, const boost::json::object& arguments) {
  const Json* body = arguments.if_contains("pilot");
  if (body == nullptr) return fail(ErrorCode::invalid, "no pilot was described", "bad_argument");
  TRY_ASSIGN(Pilot draft, parse_pilot(boost::json::serialize(*body), engine.pack()));
  draft.salt = random_id();
  draft.by = "command line";
  TRY_ASSIGN(const Pilot pilot, engine.pilots().create(std::move(draft), engine.now().now()));
  const Json* start = arguments.if_contains("start");
  if (start == nullptr || !start->is_bool() || !start->get_bool())
    return shown(engine, pilot.id, 0);
  TRY(engine.pilots().start(pilot.id, engine.now().now()));
  TRY_ASSIGN(const std::size_t came, enrol(engine));
  return shown(engine, pilot.id, came);
}

}  // namespace

Result<Json> work_on_pilots(const OperationContext& context,
                            const boost::json::object& arguments) {
  Engine& engine = context.engine;
  TRY_ASSIGN(const auto asked, text_argument(arguments, "step"));
  const std::string step = asked.value_or("list");
  if (step == "list") return list(engine);
  if (step == "show") {
    TRY_ASSIGN(const std::string id, id_in(arguments));
    return shown(engine, id, 0);
  }
  if (engine.as_of())
    return fail(ErrorCode::refused, "time stands still in this server; no pilot is changed");
  if (step == "create") return create(engine, arguments);
  TRY_ASSIGN(const std::string id, id_in(arguments));
  const Time now = engine.now().now();
  if (step == "stop") {
    TRY_ASSIGN(const auto reason, text_argument(arguments, "reason"));
    TRY(engine.pilots().stop(id, reason.value_or(""), now));
    return shown(engine, id, 0);
  }
  if (step == "start") {
    TRY(engine.pilots().start(id, now));
  } else if (step == "widen") {
    TRY(engine.pilots().widen(id, now));
  } else {
    return fail(ErrorCode::invalid, "nothing is called " + step, "bad_argument");
  }
  TRY_ASSIGN(const std::size_t came, enrol(engine));
  return shown(engine, id, came);
}

}  // namespace tideline
