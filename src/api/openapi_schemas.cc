#include "api/openapi_schemas.h"

#include "api/object_schema.h"

namespace tideline {
namespace {

// Of the customers that fit; null where there are too many to count them for every page.
std::string customer_list() {
  return ObjectSchema()
      .has("data", list_of(ref("Prediction")))
      .has("next_cursor", kTextOrNull)
      .has("total", R"({"type":["integer","null"],"minimum":0})")
      .may_have("as_of", kTime)
      .text();
}

std::string new_view() {
  return ObjectSchema()
      .has("name", R"({"type":"string","minLength":1,"maxLength":80})")
      .has("screen", R"({"enum":["customers"]})")
      .has("search", R"({"type":"object","additionalProperties":{"type":"string"}})")
      .may_have("shared", kYesNo)
      .text();
}

std::string view() {
  return ObjectSchema()
      .has("id", kText)
      .has("name", kText)
      .has("screen", kText)
      .has("search", R"({"type":"object","additionalProperties":{"type":"string"}})")
      .has("shared", kYesNo)
      .has("owner", kTextOrNull)
      .has("own", kYesNo)
      .has("saved", kTime)
      .text();
}

std::string portfolio_features() {
  ObjectSchema spread;
  spread.has("known", kCount);
  for (const char* share : {"p10", "p25", "p50", "p75", "p90"}) spread.has(share, kNumberOrNull);
  return ObjectSchema()
      .has("customers", kCount)
      .has("features", R"({"type":"object","additionalProperties":)" + spread.text() + "}")
      .may_have("as_of", kTime)
      .text();
}

// The data of an event of the stream.
std::string live_change() {
  const std::string by_hand = R"({"oneOf":[)" + ref("Override") + R"(,{"type":"null"}]})";
  const std::string row = ObjectSchema()
                              .has("customer_id", kText)
                              .has("timestamp", kTime)
                              .has("figures", kObject)
                              .has("tier", kTextOrNull)
                              .has("status", kText)
                              .has("reason", kTextOrNull)
                              .has("model_version", kTextOrNull)
                              .has("features_as_of", kTime)
                              .has("coverage", kNumber)
                              .has("lapsed", kYesNo)
                              .has("override", by_hand)
                              .text();
  return ObjectSchema()
      .may_have("reset", kYesNo)
      .may_have("predictions", list_of(row))
      .may_have("topics", list_of(kText))
      .may_have("overview", ref("Overview"))
      .may_have("tiers", ref("TierList"))
      .may_have("pipeline", ref("Pipeline"))
      .text();
}

std::string range_of(const TaskSpec& task) {
  JsonWriter json;
  json.begin_object().key("type").begin_array().value("number").value("null").end_array();
  const bool probability = task.kind == TaskKind::probability;
  const auto least = probability ? std::optional(0.0) : task.min;
  const auto most = probability ? std::optional(1.0) : task.max;
  if (least) json.member("minimum", *least);
  if (most) json.member("maximum", *most);
  return json.member("description", task.definition).end_object().take();
}

std::string prediction(const Pack& pack) {
  ObjectSchema schema;
  schema.has("customer_id", kText).has("timestamp", kTime);
  ObjectSchema definitions;
  for (const TaskSpec& task : pack.tasks()) {
    schema.has(task.name, range_of(task));
    definitions.has(task.name, kText);
  }
  JsonWriter tiers;
  tiers.begin_object().key("type").begin_array().value("string").value("null").end_array();
  tiers.key("enum").begin_array();
  for (const std::string& tier : pack.tiers()) tiers.value(tier);
  const std::string tier = tiers.null().end_array().end_object().take();
  return schema.has("tier", tier)
      .has("segment", tier)
      .has("status", R"({"type":"string","enum":["scored","unscored","stale"]})")
      .has("reason", kTextOrNull)
      .has("model_version", kTextOrNull)
      .has("model_endpoint", kTextOrNull)
      .has("inference_time_ms", kNumberOrNull)
      .has("features_as_of", kTime)
      .has("coverage", R"({"type":"number","minimum":0,"maximum":1})")
      .has("lapsed", kYesNo)
      .has("definition", definitions.text())
      .may_have("override", R"({"oneOf":[)" + ref("Override") + R"(,{"type":"null"}]})")
      .may_have("superseded", kYesNo)
      .text();
}

std::string customer() {
  const std::string counter = ObjectSchema()
                                  .has("event", kText)
                                  .has("count", kCount)
                                  .has("first", kTime)
                                  .has("last", kTime)
                                  .text();
  const std::string link =
      ObjectSchema().has("anonymous_id", kTextOrNull).has("previous_id", kTextOrNull).text();
  return ObjectSchema()
      .has("customer_id", kText)
      .has("first_event", kTimeOrNull)
      .has("last_event", kTimeOrNull)
      .has("last_qualifying", kTimeOrNull)
      .has("qualifying_count", kCount)
      .has("event_count", kCount)
      .has("foreign_currency_count", kCount)
      .has("events", list_of(counter))
      .has("traits", kObject)
      .has("links", list_of(link))
      .has("prediction", R"({"oneOf":[)" + ref("Prediction") + R"(,{"type":"null"}]})")
      .has("recommended_actions", list_of(ref("Action")))
      .may_have("as_of", kTime)
      .text();
}

// The attributes that are read; userid, anonymousid and sentat are extensions.
std::string cloud_event() {
  return ObjectSchema()
      .has("specversion", kText)
      .has("id", kText)
      .has("type", kText)
      .may_have("source", kText)
      .may_have("subject", kText)
      .may_have("time", kTime)
      .may_have("datacontenttype", kText)
      .may_have("data", "{}")
      .may_have("data_base64", kText)
      .may_have("userid", kText)
      .may_have("anonymousid", kText)
      .may_have("sentat", kTime)
      .text();
}

std::string drivers() {
  const std::string part =
      ObjectSchema().has("feature", kText).has("contribution", kNumber).text();
  const std::string driver =
      ObjectSchema()
          .has("feature", kTextOrNull)
          .has("theme", kText)
          .has("label", kTextOrNull)
          .has("contribution", kNumber)
          .has("direction", R"({"type":"string","enum":["raises","lowers"]})")
          .has("value", kNumberOrNull)
          .has("before", kNumberOrNull)
          .has("usual", kNumberOrNull)
          .has("sentence", kText)
          .has("features", list_of(part))
          .text();
  return ObjectSchema()
      .has("customer_id", kText)
      .has("task", kText)
      .has("as_of", kTime)
      .has("model_version", kTextOrNull)
      .has("figure", kNumberOrNull)
      .has("reason", kTextOrNull)
      .has("champion", kTextOrNull)
      .has("unit", kTextOrNull)
      .has("base", kNumberOrNull)
      .has("output", kNumberOrNull)
      .has("drivers", list_of(driver))
      .has("definition", kText)
      .text();
}

std::string change(const Pack& pack) {
  const std::string end =
      ObjectSchema()
          .has("as_of", kTime)
          .has("tier", kTextOrNull)
          .has("model_version", kTextOrNull)
          .has("rules_version", kCount)
          .has("override", R"({"oneOf":[)" + ref("Override") + R"(,{"type":"null"}]})")
          .text();
  const std::string moved = ObjectSchema()
                                .has("feature", kText)
                                .has("from", kNumberOrNull)
                                .has("to", kNumberOrNull)
                                .text();
  ObjectSchema figure;
  for (const char* part :
       {"from", "to", "behaviour", "ageing", "model_version", "settings", "override"}) {
    figure.has(part, kNumber);
  }
  ObjectSchema changes;
  for (const TaskSpec& task : pack.tasks()) {
    changes.has(task.name, R"({"oneOf":[)" + figure.text() + R"(,{"type":"null"}]})");
  }
  return ObjectSchema()
      .has("customer_id", kText)
      .has("from", end)
      .has("to", end)
      .has("tier_cause", R"({"type":"string","enum":["none","figures","settings","both",)"
                         R"("persistence"]})")
      .has("features", list_of(moved))
      .has("changes", changes.text())
      .text();
}

std::string features(const Pack& pack) {
  ObjectSchema values;
  for (const FeatureSpec& feature : pack.features()) {
    JsonWriter json;
    json.begin_object().key("type");
    if (feature.can_be_missing) {
      json.begin_array().value("number").value("null").end_array();
    } else {
      json.value("number");
    }
    json.member("description", feature.definition + " (" + feature.unit + ")");
    values.has(feature.name, json.end_object().take());
  }
  return ObjectSchema()
      .has("customer_id", kText)
      .has("as_of", kTime)
      .has("coverage", kNumber)
      .has("features", values.text())
      .text();
}

std::string stored_event() {
  return ObjectSchema()
      .has("customer_id", kText)
      .has("type", kText)
      .has("event", kTextOrNull)
      .has("event_time", kTime)
      .has("arrival_time", kTime)
      .has("stored_time", kTime)
      .has("source", kText)
      .has("message_id", kText)
      .has("shard", kCount)
      .has("offset", kCount)
      .has("properties", kObject)
      .text();
}

std::string dead_letter() {
  return ObjectSchema()
      .has("id", kText)
      .has("code", kText)
      .has("reason", kText)
      .has("status", R"({"type":"string","enum":["open","retried","dropped"]})")
      .has("source", kText)
      .has("customer_id", kTextOrNull)
      .has("shard", kCount)
      .has("offset", kCount)
      .has("attempts", kCount)
      .has("first_time", kTime)
      .has("last_time", kTime)
      .has("program_version", kText)
      .has("payload", kText)
      .has("payload_bytes", kCount)
      .has("payload_hash", kText)
      .text();
}

void add_ingest(std::map<std::string, std::string>& schemas) {
  schemas["Event"] = ObjectSchema()
                         .may_have("type", kText)
                         .may_have("messageId", kText)
                         .may_have("userId", kText)
                         .may_have("anonymousId", kText)
                         .may_have("event", kText)
                         .may_have("properties", kObject)
                         .may_have("traits", kObject)
                         .may_have("timestamp", kTime)
                         .may_have("sentAt", kTime)
                         .may_have("writeKey", kText)
                         .text();
  schemas["CloudEvent"] = cloud_event();
  schemas["Batch"] = ObjectSchema()
                         .has("batch", list_of(ref("Event")))
                         .may_have("sentAt", kTime)
                         .may_have("writeKey", kText)
                         .text();
  schemas["Success"] = ObjectSchema().has("success", R"({"const":true})").text();
  schemas["Result"] =
      ObjectSchema()
          .has("id", kTextOrNull)
          .may_have("server_id", R"({"const":true})")
          .has("verdict", R"({"type":"string","enum":["accepted","applied","late_applied",)"
                          R"("duplicate","conflict","rejected","dead_lettered"]})")
          .may_have("code", kText)
          .may_have("reason", kText)
          .has("shard", kCount)
          .has("offset", kCount)
          .text();
  schemas["Results"] = ObjectSchema().has("results", list_of(ref("Result"))).text();
  schemas["Problem"] = ObjectSchema()
                           .has("type", kText)
                           .has("title", kText)
                           .has("status", kCount)
                           .has("detail", kText)
                           .has("code", kText)
                           .has("request_id", kText)
                           .text();
}

std::string model_schema(ObjectSchema schema) {
  const std::string task = ObjectSchema()
                               .has("task", kText)
                               .has("kind", kText)
                               .has("champion", kText)
                               .has("definition", kText)
                               .text();
  return schema.may_have("model_version", kText)
      .may_have("pack", kText)
      .may_have("program_version", kText)
      .may_have("feature_count", kCount)
      .may_have("feature_hash", kText)
      .may_have("training_rows", kCount)
      .may_have("training_from", kTimeOrNull)
      .may_have("training_to", kTimeOrNull)
      .may_have("known_until", kTime)
      .may_have("data_hash", kText)
      .may_have("seed", kCount)
      .may_have("tasks", list_of(task))
      .text();
}

void add_models(std::map<std::string, std::string>& schemas) {
  schemas["Model"] = model_schema(ObjectSchema()
                                      .has("id", kText)
                                      .has("name", kText)
                                      .has("version", kText)
                                      .has("active", kYesNo)
                                      .has("shadow", kYesNo)
                                      .has("previous", kYesNo)
                                      .has("problem", kTextOrNull)
                                      .has("drift", kObjectOrNull)
                                      .has("realised", kObjectOrNull));
  schemas["ModelList"] = page_of(ref("Model"));
  schemas["ModelEvaluation"] = model_schema(ObjectSchema()
                                                .has("id", kText)
                                                .has("active", kYesNo)
                                                .has("shadow", kYesNo)
                                                .has("evaluation", ref("Evaluation"))
                                                .has("realised", kObjectOrNull)
                                                .has("drift", kObjectOrNull)
                                                .has("comparison", kObjectOrNull)
                                                .may_have("as_of", kTime));
  schemas["ModelChange"] =
      ObjectSchema().may_have("shadow", kYesNo).may_have("based_on", kTextOrNull).text();
  schemas["ModelRoles"] = ObjectSchema()
                              .has("active", kTextOrNull)
                              .has("shadow", kTextOrNull)
                              .has("previous", kTextOrNull)
                              .text();
  schemas["Ping"] = ObjectSchema().has("status", kText).has("model_version", kText).text();
}

std::string figures(const Pack& pack) {
  ObjectSchema schema;
  for (const TaskSpec& task : pack.tasks()) schema.has(task.name, range_of(task));
  return schema.text();
}

// Models as a service: rows in, figures out.
void add_invocations(std::map<std::string, std::string>& schemas, const Pack& pack) {
  const std::string cells = list_of(kNumberOrNull);
  const std::string by_name =
      R"({"type":"object","additionalProperties":)" + std::string(kNumberOrNull) + "}";
  schemas["Instances"] =
      ObjectSchema()
          .has("instances", list_of(R"({"anyOf":[)" + cells + "," + by_name + "]}"))
          .text();
  schemas["InstancePredictions"] =
      ObjectSchema().has("predictions", list_of(figures(pack))).has("model_version", kText).text();
  schemas["PredictRequest"] =
      ObjectSchema().may_have("customer_id", kText).may_have("features", by_name).text();
  schemas["PredictAnswer"] = ObjectSchema()
                                 .has("success", kYesNo)
                                 .may_have("customer_id", kText)
                                 .has("predictions", figures(pack))
                                 .has("segment", kTextOrNull)
                                 .has("tier", kTextOrNull)
                                 .has("status", kText)
                                 .has("reason", kTextOrNull)
                                 .has("model", kText)
                                 .has("version", kText)
                                 .has("model_version", kText)
                                 .has("features_as_of", kTime)
                                 .has("definition", kObject)
                                 .may_have("as_of", kTime)
                                 .text();
}

// The Open Inference Protocol.
void add_inference(std::map<std::string, std::string>& schemas) {
  const std::string shape = list_of(R"({"type":"integer","minimum":-1})");
  const auto tensor = [&] {
    return ObjectSchema().has("name", kText).has("datatype", kText).has("shape", shape);
  };
  const std::string filled = tensor().has("data", list_of("{}")).text();
  schemas["InferenceServer"] = ObjectSchema()
                                   .has("name", kText)
                                   .has("version", kText)
                                   .has("extensions", list_of(kText))
                                   .text();
  schemas["InferenceLive"] = ObjectSchema().has("live", kYesNo).text();
  schemas["InferenceReady"] = ObjectSchema().has("ready", kYesNo).text();
  schemas["InferenceModel"] = ObjectSchema()
                                  .has("name", kText)
                                  .has("versions", list_of(kText))
                                  .has("platform", kText)
                                  .has("inputs", list_of(tensor().text()))
                                  .has("outputs", list_of(tensor().text()))
                                  .has("parameters", kObject)
                                  .text();
  schemas["InferenceRequest"] =
      ObjectSchema()
          .may_have("id", kText)
          .has("inputs", list_of(filled))
          .may_have("outputs", list_of(ObjectSchema().has("name", kText).text()))
          .text();
  schemas["InferenceAnswer"] = ObjectSchema()
                                   .has("model_name", kText)
                                   .has("model_version", kText)
                                   .may_have("id", kText)
                                   .has("outputs", list_of(filled))
                                   .text();
}

void add_pipeline(std::map<std::string, std::string>& schemas) {
  const std::string shard = ObjectSchema()
                                .has("shard", kCount)
                                .has("next_offset", kCount)
                                .has("queued", kCount)
                                .has("received", kCount)
                                .has("last_event_time", kTimeOrNull)
                                .text();
  schemas["Pipeline"] = ObjectSchema()
                            .has("totals", ref("Totals"))
                            .has("adds_up", kYesNo)
                            .has("lag", kCount)
                            .has("log_end", kCount)
                            .has("commits", kCount)
                            .has("records", kCount)
                            .has("events_per_commit", kNumberOrNull)
                            .has("busy_s", kNumber)
                            .has("busy_share", kNumber)
                            .has("failure", kTextOrNull)
                            .has("shards", list_of(shard))
                            .has("workers", kCount)
                            .has("oldest_unprocessed", kTimeOrNull)
                            .has("oldest_unprocessed_age_s", kNumberOrNull)
                            .has("rates", kObjectOrNull)
                            .has("queues", kObject)
                            .has("door", kObjectOrNull)
                            .has("refusals", kCounts)
                            .may_have("as_of", kTime)
                            .text();
}

void add_pack(std::map<std::string, std::string>& schemas) {
  const std::string task = ObjectSchema()
                               .has("task", kText)
                               .has("kind", R"({"type":"string","enum":["probability","number"]})")
                               .has("min", kNumberOrNull)
                               .has("max", kNumberOrNull)
                               .has("definition", kText)
                               .text();
  const std::string rule = ObjectSchema().has("tier", kText).has("rule", kText).text();
  const std::string feature = ObjectSchema()
                                  .has("feature", kText)
                                  .has("group", kText)
                                  .has("label", kText)
                                  .has("unit", kText)
                                  .has("form", kTextOrNull)
                                  .has("definition", kText)
                                  .text();
  schemas["Pack"] = ObjectSchema()
                        .has("name", kText)
                        .has("currency", kTextOrNull)
                        .has("lapse_s", kCount)
                        .has("tasks", list_of(task))
                        .has("tiers", list_of(rule))
                        .has("features", list_of(feature))
                        .text();
}

void add_operations(std::map<std::string, std::string>& schemas) {
  const std::string tier =
      ObjectSchema().has("tier", kText).has("rule", kText).has("customers", kCount).text();
  schemas["TierList"] = ObjectSchema()
                            .has("data", list_of(tier))
                            .has("next_cursor", R"({"type":"null"})")
                            .has("customers", kCount)
                            .has("lapsed", kCount)
                            .has("unscored", kCounts)
                            .may_have("as_of", kTime)
                            .text();
  ObjectSchema totals;
  for (const char* name : {"received", "applied", "late_applied", "duplicate", "dead_lettered",
                           "live", "foreign_currency"}) {
    totals.has(name, kCount);
  }
  schemas["Totals"] = totals.has("codes", kCounts).text();
  const std::string churn = ObjectSchema()
                                .has("customers", kNumber)
                                .has("of_customers", kCount)
                                .has("task", kText)
                                .has("as_of", kTime)
                                .text();
  const std::string money = ObjectSchema()
                                .has("amount_30d", kNumber)
                                .has("currency", kTextOrNull)
                                .has("of_customers", kCount)
                                .has("as_of", kTime)
                                .text();
  schemas["Overview"] =
      ObjectSchema()
          .has("pack", kText)
          .has("now", kTime)
          .has("program_version", kText)
          .has("started", kTime)
          .has("customers", kCount)
          .has("tiers", kCounts)
          .has("unscored", kCounts)
          .has("lapsed", kCount)
          .has("mean_health", kNumberOrNull)
          .has("model_version", kTextOrNull)
          .has("degraded", kYesNo)
          .has("last_full_scoring", kTimeOrNull)
          .has("events", ref("Totals"))
          .has("lag", kCount)
          .has("expected_churn", R"({"oneOf":[)" + churn + R"(,{"type":"null"}]})")
          .has("money_at_risk", R"({"oneOf":[)" + money + R"(,{"type":"null"}]})")
          .may_have("as_of", kTime)
          .text();
  schemas["Alive"] = ObjectSchema()
                         .has("status", R"({"type":"string","enum":["ok","degraded"]})")
                         .has("reason", kTextOrNull)
                         .has("program_version", kText)
                         .may_have("as_of", kTime)
                         .text();
  const std::string part =
      ObjectSchema().has("part", kText).has("ready", kYesNo).has("detail", kTextOrNull).text();
  schemas["Ready"] = ObjectSchema().has("ready", kYesNo).may_have("parts", list_of(part)).text();
}

void add_sql(std::map<std::string, std::string>& schemas) {
  const std::string column = ObjectSchema().has("name", kText).has("type", kText).text();
  const std::string table =
      ObjectSchema().has("name", kText).has("columns", list_of(column)).text();
  schemas["SqlTableList"] = page_of(table);
  schemas["SqlQuery"] =
      ObjectSchema()
          .has("query", kText)
          .may_have("parameters", R"({"type":"array","items":)"
                                  R"({"type":["string","number","boolean","null"]}})")
          .may_have("limit", R"({"type":"integer","minimum":1})")
          .may_have("format", R"({"type":"string","enum":["json","csv","parquet"]})")
          .may_have("id", kText)
          .may_have("stale", kYesNo)
          .text();
  schemas["SqlResult"] = ObjectSchema()
                             .has("columns", list_of(column))
                             .has("rows", R"({"type":"array","items":{"type":"array","items":)"
                                          R"({"type":["string","number","boolean","null"]}}})")
                             .has("row_count", kCount)
                             .has("truncated", kYesNo)
                             .has("elapsed_ms", kNumber)
                             .has("as_of", kTime)
                             .text();
  schemas["SavedQueryText"] = ObjectSchema().has("name", kText).has("query", kText).text();
  schemas["SavedQuery"] = ObjectSchema()
                              .has("id", kText)
                              .has("name", kText)
                              .has("query", kText)
                              .has("changed", kTime)
                              .text();
  schemas["SavedQueryList"] = page_of(ref("SavedQuery"));
}

// What people may say of a receiver.
std::string receiver_wish(bool is_new) {
  const std::string topic =
      R"({"type":"string","enum":["tier_entered","tier_left","action","dead_letters","trouble",)"
      R"("report"]})";
  ObjectSchema schema;
  if (is_new) {
    schema.may_have("kind", R"({"type":"string","enum":["webhook","slack","mail"]})");
    schema.may_have("secret", kText);
  }
  return schema.may_have("target", kText)
      .may_have("url", kText)  // another word for target
      .may_have("name", kText)
      .may_have("topics", list_of(topic))
      .may_have("tiers", list_of(kText))
      .may_have("min_priority", R"({"type":"string","enum":["low","medium","high"]})")
      .may_have("digest_s", R"({"type":"integer","minimum":0,"maximum":86400})")
      .may_have("active", kYesNo)
      .text();
}

std::string delivery() {
  const std::string attempt = ObjectSchema()
                                  .has("time", kTime)
                                  .has("status", R"({"type":["integer","null"]})")
                                  .has("latency_ms", kCount)
                                  .has("error", kTextOrNull)
                                  .has("answer", kTextOrNull)
                                  .text();
  return ObjectSchema()
      .has("id", kText)
      .has("type", kText)
      .has("subject", kText)
      .has("created", kTime)
      .has("status", R"({"type":"string","enum":["waiting","delivered","given_up","cancelled"]})")
      .has("next_try", kTimeOrNull)
      .has("alerts", list_of(kText))
      .has("body", kText)
      .has("attempts", list_of(attempt))
      .text();
}

void add_alerts(std::map<std::string, std::string>& schemas) {
  const std::string alert = ObjectSchema()
                                .has("id", kText)
                                .has("time", kTime)
                                .has("topic", kText)
                                .has("type", kText)
                                .has("title", kText)
                                .has("text", kText)
                                .has("customer_id", kTextOrNull)
                                .has("held_back", kTextOrNull)
                                .has("open", kYesNo)
                                .has("content", kObject)
                                .text();
  const std::string trouble =
      ObjectSchema().has("name", kText).has("what", kText).has("since", kTime).text();
  schemas["AlertList"] = ObjectSchema()
                             .has("open", list_of(trouble))
                             .has("data", list_of(alert))
                             .has("next_cursor", kTextOrNull)
                             .may_have("as_of", kTime)
                             .text();
  const std::string last = ObjectSchema().has("time", kTime).has("status", kText).text();
  schemas["Receiver"] =
      ObjectSchema()
          .has("id", kText)
          .has("name", kText)
          .has("kind", R"({"type":"string","enum":["webhook","slack","mail"]})")
          .has("target", kText)
          .has("topics", list_of(kText))
          .has("tiers", list_of(kText))
          .has("min_priority", R"({"type":"string","enum":["low","medium","high"]})")
          .has("active", kYesNo)
          .has("why_inactive", kTextOrNull)
          .has("digest_s", kCount)
          .has("created", kTime)
          .has("old_secret_until", kTimeOrNull)
          .may_have("secret", kText)
          .has("last_delivery", R"({"oneOf":[)" + last + R"(,{"type":"null"}]})")
          .text();
  schemas["ReceiverList"] = page_of(ref("Receiver"));
  schemas["NewReceiver"] = receiver_wish(true);
  schemas["ReceiverChange"] = receiver_wish(false);
  schemas["Delivery"] = delivery();
  schemas["DeliveryList"] = page_of(ref("Delivery"));
}

// Users, keys and who did what.
void add_access(std::map<std::string, std::string>& schemas) {
  constexpr const char* kScopeList =
      R"({"type":"array","items":{"type":"string","enum":["ingest","read","act","operate",)"
      R"("administer"]}})";
  constexpr const char* kRole =
      R"({"type":"string","enum":["viewer","analyst","operator","admin"]})";
  schemas["Me"] =
      ObjectSchema()
          .has("kind", R"({"type":"string","enum":["user","key","visitor","command"]})")
          .has("name", kTextOrNull)
          .has("role",
               R"({"type":["string","null"],"enum":["viewer","analyst","operator","admin",null]})")
          .has("permissions", kScopeList)
          .has("csrf_token", kTextOrNull)
          .has("signs_in", kYesNo)
          .text();
  schemas["User"] = ObjectSchema()
                        .has("name", kText)
                        .has("role", kRole)
                        .has("disabled", kYesNo)
                        .has("created", kTime)
                        .has("last_login", kTimeOrNull)
                        .has("sessions", kCount)
                        .text();
  schemas["UserList"] = page_of(ref("User"));
  schemas["Key"] = ObjectSchema()
                       .has("id", kText)
                       .has("prefix", kText)
                       .has("scopes", kScopeList)
                       .has("created", kTime)
                       .has("expires", kTimeOrNull)
                       .has("last_used", kTimeOrNull)
                       .has("revoked", kYesNo)
                       .has("expired", kYesNo)
                       .text();
  schemas["KeyList"] = page_of(ref("Key"));
  schemas["NewKey"] = ObjectSchema()
                          .has("id", kText)
                          .has("key", kText)
                          .has("scopes", kScopeList)
                          .has("expires", kTimeOrNull)
                          .text();
  const std::string entry = ObjectSchema()
                                .has("number", kCount)
                                .has("time", kTime)
                                .has("who", kText)
                                .has("role", kTextOrNull)
                                .has("what", kText)
                                .has("target", kTextOrNull)
                                .has("outcome", kText)
                                .text();
  schemas["AuditList"] = page_of(entry);
}

}  // namespace

std::map<std::string, std::string> openapi_schemas(const Pack& pack) {
  std::map<std::string, std::string> schemas;
  add_ingest(schemas);
  add_models(schemas);
  add_invocations(schemas, pack);
  add_inference(schemas);
  add_operations(schemas);
  add_pack(schemas);
  add_pipeline(schemas);
  add_action_schemas(schemas);
  add_insight_schemas(schemas);
  add_report_schemas(schemas);
  add_evaluation_schemas(schemas);
  add_sql(schemas);
  add_alerts(schemas);
  add_access(schemas);
  schemas["Prediction"] = prediction(pack);
  schemas["PredictionList"] = page_of(ref("Prediction"));
  schemas["CustomerList"] = customer_list();
  schemas["LiveChange"] = live_change();
  schemas["View"] = view();
  schemas["NewView"] = new_view();
  schemas["ViewList"] = page_of(ref("View"));
  schemas["PortfolioFeatures"] = portfolio_features();
  schemas["Customer"] = customer();
  schemas["Features"] = features(pack);
  schemas["Drivers"] = drivers();
  schemas["Change"] = change(pack);
  schemas["EventList"] = page_of(stored_event());
  schemas["DeadLetter"] = dead_letter();
  schemas["DeadLetterList"] = page_of(ref("DeadLetter"));
  add_rule_schemas(schemas);
  return schemas;
}

}  // namespace tideline
