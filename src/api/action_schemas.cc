// The schemas of actions, tiers set by hand, the effect of actions, and the flow of tiers.
#include "api/object_schema.h"
#include "api/openapi_schemas.h"

namespace tideline {
namespace {

std::string action() {
  const std::string standing = ObjectSchema()
                                   .has("tier", kTextOrNull)
                                   .has("risk", kNumberOrNull)
                                   .has("health", kNumberOrNull)
                                   .has("amount_30d", kNumberOrNull)
                                   .text();
  const std::string measured = ObjectSchema()
                                   .has("time", kTime)
                                   .has("retained", kYesNo)
                                   .has("before", standing)
                                   .has("after", standing)
                                   .text();
  const std::string change = ObjectSchema()
                                 .has("time", kTime)
                                 .has("change", kText)
                                 .has("by", kTextOrNull)
                                 .has("note", kTextOrNull)
                                 .text();
  return ObjectSchema()
      .has("id", kText)
      .has("customer_id", kText)
      .has("play", kText)
      .has("priority", R"({"type":"string","enum":["low","medium","high"]})")
      .has("channel", kTextOrNull)
      .has("sentence", kText)
      .has("expected_cost", kNumber)
      .has("created", kTime)
      .has("status",
           R"({"type":"string","enum":["open","done","snoozed","dismissed","withdrawn"]})")
      .has("holds", kYesNo)
      .has("owner", kTextOrNull)
      .has("until", kTimeOrNull)
      .has("reason", kTextOrNull)
      .has("outcome", kTextOrNull)
      .has("note", kTextOrNull)
      .has("version", kCount)
      .has("tier", kTextOrNull)
      .has("risk", kNumberOrNull)
      .has("health", kNumberOrNull)
      .has("measured", R"({"oneOf":[)" + measured + R"(,{"type":"null"}]})")
      .has("changes", list_of(change))
      .text();
}

void add_effect(std::map<std::string, std::string>& schemas) {
  const std::string difference = ObjectSchema()
                                     .has("measure", kText)
                                     .has("is_share", kYesNo)
                                     .has("treated", kNumber)
                                     .has("holdout", kNumber)
                                     .has("difference", kNumber)
                                     .has("low", kNumber)
                                     .has("high", kNumber)
                                     .has("treated_n", kCount)
                                     .has("holdout_n", kCount)
                                     .text();
  schemas["Effect"] = ObjectSchema()
                          .has("play", kTextOrNull)
                          .has("treated", kCount)
                          .has("holdout", kCount)
                          .has("treated_waiting", kCount)
                          .has("holdout_waiting", kCount)
                          .has("enough", kYesNo)
                          .has("treated_missing", kCount)
                          .has("holdout_missing", kCount)
                          .has("enough_at", kTimeOrNull)
                          .has("differences", list_of(difference))
                          .text();
  schemas["EffectReport"] = ObjectSchema()
                                .has("as_of", kTime)
                                .has("from", kTime)
                                .has("horizon_days", kNumber)
                                .has("each_arm_min", kCount)
                                .has("currency", kTextOrNull)
                                .has("data", list_of(ref("Effect")))
                                .text();
  const std::string move =
      ObjectSchema().has("from", kText).has("to", kText).has("customers", kCount).text();
  const std::string span = ObjectSchema()
                               .has("begins", kTime)
                               .has("until", kTime)
                               .has("customers", kCounts)
                               .has("moves", list_of(move))
                               .text();
  schemas["TierFlow"] = ObjectSchema()
                            .has("as_of", kTime)
                            .has("by", kText)
                            .has("standings", list_of(kText))
                            .has("data", list_of(span))
                            .text();
}

}  // namespace

void add_action_schemas(std::map<std::string, std::string>& schemas) {
  schemas["Action"] = action();
  const std::string counts =
      R"({"type":"object","additionalProperties":)" + std::string(kCounts) + "}";
  schemas["ActionList"] = ObjectSchema()
                              .has("counts", counts)
                              .has("data", list_of(ref("Action")))
                              .has("next_cursor", kTextOrNull)
                              .may_have("as_of", kTime)
                              .text();
  schemas["CustomerActionList"] = page_of(ref("Action"));
  const std::string named = ObjectSchema().has("id", kText).may_have("version", kCount).text();
  schemas["ActionBulk"] = ObjectSchema()
                              .has("change", kText)
                              .has("actions", list_of(named))
                              .may_have("owner", kText)
                              .may_have("until", kTime)
                              .may_have("reason", kText)
                              .may_have("outcome", kText)
                              .may_have("note", kText)
                              .text();
  const std::string result =
      ObjectSchema()
          .has("id", kText)
          .has("action", R"({"oneOf":[)" + ref("Action") + R"(,{"type":"null"}]})")
          .has("code", kTextOrNull)
          .has("detail", kTextOrNull)
          .text();
  schemas["ActionBulkAnswer"] = ObjectSchema().has("results", list_of(result)).text();
  schemas["Override"] = ObjectSchema()
                            .has("customer_id", kText)
                            .has("tier", kText)
                            .has("reason", kText)
                            .has("by", kTextOrNull)
                            .has("since", kTime)
                            .has("expires", kTime)
                            .has("ended", kTimeOrNull)
                            .has("ended_by", kTextOrNull)
                            .text();
  schemas["OverrideList"] = page_of(ref("Override"));
  add_effect(schemas);
}

}  // namespace tideline
