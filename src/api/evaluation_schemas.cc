// The schemas of how a model was judged: what the page shows of it. What each figure means stands
// in docs/evaluation.md; there is more in the answer than is named here.
#include "api/object_schema.h"
#include "api/openapi_schemas.h"

namespace tideline {
namespace {

constexpr const char* kInterval =
    R"({"type":["array","null"],"items":{"type":"number"},"minItems":2,"maxItems":2})";

std::string or_null(const std::string& schema) {
  return R"({"oneOf":[)" + schema + R"(,{"type":"null"}]})";
}

std::string selection() {
  const std::string point =
      ObjectSchema().has("features", kCount).has("score", kNumberOrNull).text();
  return ObjectSchema()
      .has("names", list_of(kText))
      .has("loss", kNumberOrNull)
      .has("best_alone", kText)
      .has("best_alone_score", kNumberOrNull)
      .has("curve", list_of(point))
      .text();
}

std::string fairness() {
  // null: not enough data
  const std::string figure = or_null(ObjectSchema()
                                         .has("value", kNumber)
                                         .has("interval", kInterval)
                                         .has("customers", kCount)
                                         .text());
  const std::string gap =
      ObjectSchema()
          .has("name", R"({"type":"string","enum":["selection_ratio","true_positive_gap",)"
                       R"("false_positive_gap","calibration_gap"]})")
          .has("value", kNumberOrNull)
          .has("interval", kInterval)
          .has("enough_data", kYesNo)
          .has("differs", kYesNo)
          .text();
  const std::string group = ObjectSchema()
                                .has("group", kText)
                                .has("rows", kCount)
                                .has("customers", kCount)
                                .has("selection_rate", figure)
                                .has("true_positive_rate", figure)
                                .has("false_positive_rate", figure)
                                .has("calibration", figure)
                                .has("gaps", list_of(gap))
                                .text();
  return ObjectSchema()
      .has("task", kText)
      .has("trait", kText)
      .has("reference", kText)
      .has("selected_from", kNumberOrNull)
      .has("outcome_from", kNumberOrNull)
      .has("unknown", kCount)
      .has("enough_data", kYesNo)
      .has("differs", kYesNo)
      .has("verdict", kText)
      .has("groups", list_of(group))
      .text();
}

}  // namespace

void add_evaluation_schemas(std::map<std::string, std::string>& schemas) {
  schemas["FeatureSelection"] = selection();
  schemas["Fairness"] = fairness();
  const std::string warning = ObjectSchema().has("code", kText).has("message", kText).text();
  const std::string task = ObjectSchema()
                               .has("task", kText)
                               .may_have("kind", kText)
                               .may_have("definition", kText)
                               .may_have("n", kCount)
                               .may_have("n_judged", kCount)
                               .may_have("rate", kNumberOrNull)
                               .may_have("split", kText)
                               .may_have("champion", kText)
                               .may_have("warnings", list_of(warning))
                               .may_have("models", list_of(kObject))
                               .may_have("curves", kObject)
                               .may_have("selection", ref("FeatureSelection"))
                               .text();
  schemas["Evaluation"] = ObjectSchema()
                              .may_have("tasks", list_of(task))
                              .may_have("tiers", list_of(kObject))
                              .may_have("fairness", list_of(ref("Fairness")))
                              .text();
}

}  // namespace tideline
