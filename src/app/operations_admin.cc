// Dead letters, replay, verify, status, and the lake's files for `sql`.
#include <future>

#include "app/operations.h"
#include "pipeline/manifest.h"

namespace tideline {
namespace {

Json to_json(const DeadLetter& letter) {
  return boost::json::object{{"id", letter.id},
                             {"code", name_of(letter.code)},
                             {"reason", letter.reason},
                             {"payload", letter.payload},
                             {"payload_bytes", letter.payload_bytes},
                             {"payload_hash", letter.payload_hash.hex()},
                             {"source", letter.source.str()},
                             {"customer_id", letter.customer_id},
                             {"shard", letter.place.shard},
                             {"offset", letter.place.offset},
                             {"attempts", letter.attempts},
                             {"first_time", format_time(letter.first_time)},
                             {"last_time", format_time(letter.last_time)},
                             {"program_version", letter.program_version},
                             {"status", letter.status}};
}

Json to_json(const Totals& totals) {
  boost::json::object codes;
  for (const auto& [code, count] : codes_of(totals)) codes[code] = count;
  return boost::json::object{{"received", totals.received},
                             {"applied", totals.applied},
                             {"late_applied", totals.late_applied},
                             {"duplicate", totals.duplicate},
                             {"dead_lettered", totals.dead_lettered},
                             {"codes", std::move(codes)},
                             {"adds_up", totals.adds_up()}};
}

Result<std::string> id_argument(const boost::json::object& arguments) {
  TRY_ASSIGN(const auto id, text_argument(arguments, "id"));
  if (!id) return fail(ErrorCode::invalid, "no id given", "bad_argument");
  return *id;
}

}  // namespace

Result<Json> lake_files(const OperationContext& context, const boost::json::object& arguments) {
  const Json* stale = arguments.if_contains("stale");
  if (!stale || !stale->is_bool() || !stale->get_bool()) TRY(context.engine.flush_lake(true));
  TRY_ASSIGN(const auto views, context.engine.views());
  boost::json::array list;
  for (const LakeView& view : views) {
    boost::json::array columns;
    for (const auto& column : view.columns)
      columns.push_back({{"name", column.name}, {"type", column.type}});
    list.push_back({{"name", view.name},
                    {"columns", std::move(columns)},
                    {"files", boost::json::array(view.files.begin(), view.files.end())}});
  }
  return Json(boost::json::object{{"views", std::move(list)},
                                  {"scratch", context.engine.folder().scratch()}});
}

Result<Json> list_dead_letters(const OperationContext& context,
                               const boost::json::object& arguments) {
  DeadLetterFilter filter;
  TRY_ASSIGN(const auto status, text_argument(arguments, "status"));
  TRY_ASSIGN(const auto code, text_argument(arguments, "code"));
  TRY_ASSIGN(const auto after, text_argument(arguments, "after"));
  filter.status = status.value_or("open");
  filter.code = code.value_or("");
  filter.after_id = after.value_or("");
  if (filter.status == "any") filter.status.clear();
  if (const Json* limit = arguments.if_contains("limit"); limit && limit->is_int64()) {
    filter.limit = static_cast<std::size_t>(limit->get_int64());
  }
  TRY_ASSIGN(const auto letters, context.engine.dead_letters().list(filter));
  boost::json::array list;
  for (const DeadLetter& letter : letters) list.push_back(to_json(letter));
  return Json(boost::json::object{{"data", std::move(list)}});
}

Result<Json> show_dead_letter(const OperationContext& context,
                              const boost::json::object& arguments) {
  TRY_ASSIGN(const std::string id, id_argument(arguments));
  TRY_ASSIGN(const DeadLetter letter, context.engine.dead_letters().show(id));
  return to_json(letter);
}

Result<Json> retry_dead_letter(const OperationContext& context,
                               const boost::json::object& arguments) {
  TRY_ASSIGN(const std::string id, id_argument(arguments));
  TRY_ASSIGN(auto payload, text_argument(arguments, "payload"));
  auto promise = std::make_shared<std::promise<Result<IngestVerdict>>>();
  auto answer = promise->get_future();
  context.engine.dead_letters().retry(
      id, std::move(payload), [promise](auto verdict) { promise->set_value(std::move(verdict)); });
  TRY_ASSIGN(const IngestVerdict verdict, answer.get());
  boost::json::object result{{"id", id}, {"verdict", name_of(verdict.verdict)}};
  if (verdict.code) result["code"] = name_of(*verdict.code);
  return Json(std::move(result));
}

Result<Json> drop_dead_letter(const OperationContext& context,
                              const boost::json::object& arguments) {
  TRY_ASSIGN(const std::string id, id_argument(arguments));
  TRY(context.engine.dead_letters().drop(id));
  return Json(boost::json::object{{"id", id}, {"status", "dropped"}});
}

Result<Json> replay_state(const OperationContext& context, const boost::json::object&) {
  if (context.progress) context.progress({"rebuilding the state from the lake", -1, ""});
  TRY_ASSIGN(const RebuildCounts counts, context.engine.replay());
  return Json(boost::json::object{{"customers", counts.customers}, {"events", counts.events}});
}

Result<Json> verify_folder(const OperationContext& context, const boost::json::object&) {
  Engine& engine = context.engine;
  boost::json::array problems;
  const auto note = [&](const std::string& part, const Error& error) {
    problems.push_back({{"part", part}, {"message", error.message}});
  };
  if (context.progress) context.progress({"verifying the log", 0, ""});
  auto log = engine.log().verify();
  if (!log) note("log", log.error());
  if (context.progress) context.progress({"verifying the state", 0.3, ""});
  auto state = engine.disk_state().verify();
  if (!state) note("state", state.error());
  TRY_ASSIGN(const auto files, manifest_files(engine.state(), ""));
  std::uint64_t rows = 0;
  std::uint64_t event_rows = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (context.progress) {
      context.progress({"verifying the lake",
                        0.4 + 0.5 * static_cast<double>(i) / static_cast<double>(files.size()),
                        files[i].file});
    }
    auto found = engine.lake().verify(files[i].file);
    if (!found) {
      note(files[i].file, found.error());
    } else if (*found != files[i].rows) {
      note(files[i].file, Error{ErrorCode::corrupt,
                                std::to_string(*found) + " rows; the manifest says " +
                                    std::to_string(files[i].rows),
                                {}});
    } else {
      rows += *found;
      if (files[i].table == "events") event_rows += *found;
    }
  }
  TRY_ASSIGN(const auto models, engine.models().list());
  for (const ModelVersion& version : models) {
    if (!version.manifest)
      note("models/" + version.key.name + "/" + version.key.version,
           Error{ErrorCode::corrupt, version.problem, {}});
  }
  auto audited = engine.access().audit().verify();
  if (!audited) note("audit", audited.error());
  const Totals totals = engine.processor().status().totals;
  if (!totals.adds_up()) {
    note("counts", Error{ErrorCode::corrupt,
                         "received is not applied + late_applied + duplicate + dead_lettered",
                         {}});
  }
  return Json(boost::json::object{{"ok", problems.empty()},
                                  {"problems", std::move(problems)},
                                  {"log_records", log ? log->records : 0},
                                  {"state_files", state ? *state : 0},
                                  {"lake_files", files.size()},
                                  {"lake_rows", rows},
                                  {"lake_event_rows", event_rows},
                                  {"models", models.size()},
                                  {"audit_entries", audited ? *audited : 0},
                                  {"totals", to_json(totals)}});
}

Result<Json> pipeline_status(const OperationContext& context, const boost::json::object&) {
  const PipelineStatus status = context.engine.processor().status();
  return Json(boost::json::object{{"totals", to_json(status.totals)},
                                  {"lag", status.lag},
                                  {"log_end", status.log_end},
                                  {"pack", context.engine.pack().name()},
                                  {"now", format_time(context.engine.now().now())}});
}

}  // namespace tideline
