// The schemas of money, retention, success and pilots.
#include "api/object_schema.h"
#include "api/openapi_schemas.h"
#include "insights/money.h"

namespace tideline {
namespace {

std::string or_null(const std::string& schema) {
  return R"({"oneOf":[)" + schema + R"(,{"type":"null"}]})";
}

void add_money(std::map<std::string, std::string>& schemas) {
  const std::string input = ObjectSchema()
                                .has("key", kText)
                                .has("title", kText)
                                .has("unit", kText)
                                .has("value", kNumber)
                                .has("low", kNumber)
                                .has("high", kNumber)
                                .has("about", kText)
                                .has("source", kTextOrNull)
                                .text();
  const std::string figure = ObjectSchema()
                                 .has("key", kText)
                                 .has("title", kText)
                                 .has("unit", kText)
                                 .has("value", kNumberOrNull)
                                 .has("formula", kText)
                                 .has("source", kText)
                                 .text();
  const std::string measured = ObjectSchema()
                                   .has("treated", kNumber)
                                   .has("difference", kNumber)
                                   .has("low", kNumber)
                                   .has("high", kNumber)
                                   .has("proven", kYesNo)
                                   .has("gain_low", kNumber)
                                   .has("gain_high", kNumber)
                                   .text();
  const std::string cost = ObjectSchema()
                               .has("customers", kNumber)
                               .has("month", kNumber)
                               .has("customer_month", kNumber)
                               .has("currency", kText)
                               .text();
  schemas["Money"] = ObjectSchema()
                         .has("currency", kTextOrNull)
                         .has("inputs", list_of(input))
                         .has("measured", or_null(measured))
                         .has("figures", list_of(figure))
                         .has("by_customers", list_of(cost))
                         .text();
  ObjectSchema inputs;
  for (const MoneyField& field : money_fields()) inputs.may_have(std::string(field.key), kNumber);
  const std::string given = ObjectSchema()
                                .has("treated", kNumber)
                                .has("difference", kNumber)
                                .has("low", kNumber)
                                .has("high", kNumber)
                                .text();
  schemas["MoneyInputs"] = inputs.may_have("measured", or_null(given)).text();
}

void add_retention(std::map<std::string, std::string>& schemas) {
  const std::string point = ObjectSchema()
                                .has("day", kCount)
                                .has("customers", kCount)
                                .has("retained", kCount)
                                .has("share", kNumberOrNull)
                                .text();
  const std::string curve = ObjectSchema().has("kind", kText).has("points", list_of(point)).text();
  const std::string month = ObjectSchema()
                                .has("month", kText)
                                .has("active", kCount)
                                .has("new", kCount)
                                .has("retained", kCount)
                                .has("resurrected", kCount)
                                .has("churned", kCount)
                                .has("amount", kNumber)
                                .has("amount_before", kNumber)
                                .has("amount_again", kNumber)
                                .has("gross_retention", kNumberOrNull)
                                .has("net_retention", kNumberOrNull)
                                .text();
  const std::string queries =
      ObjectSchema().has("curves", list_of(kText)).has("months", kText).text();
  schemas["Retention"] = ObjectSchema()
                             .has("as_of", kTime)
                             .has("customers", kCount)
                             .has("window_days", kCount)
                             .has("currency", kTextOrNull)
                             .has("revenue_retention", kText)
                             .has("curves", list_of(curve))
                             .has("months", list_of(month))
                             .has("queries", queries)
                             .text();
  const std::string success = ObjectSchema()
                                  .has("name", kText)
                                  .has("title", kText)
                                  .has("unit", kText)
                                  .has("measure", kText)
                                  .has("of", kTextOrNull)
                                  .has("baseline", kNumberOrNull)
                                  .has("target", kNumberOrNull)
                                  .has("actual", kNumberOrNull)
                                  .has("progress", kNumberOrNull)
                                  .has("about", kTextOrNull)
                                  .text();
  schemas["SuccessMetrics"] = ObjectSchema()
                                  .has("as_of", kTime)
                                  .has("currency", kTextOrNull)
                                  .has("data", list_of(success))
                                  .text();
}

ObjectSchema pilot_schema() {
  const std::string arm = ObjectSchema().has("name", kText).has("share", kNumber).text();
  return ObjectSchema()
      .has("id", kText)
      .has("name", kText)
      .has("status", R"({"type":"string","enum":["draft","running","stopped"]})")
      .has("treatment", kText)
      .has("hypothesis", kTextOrNull)
      .has("tiers", list_of(kText))
      .has("arms", list_of(arm))
      .has("salt", kText)
      .has("outcome", R"({"type":"string","enum":["retained","amount"]})")
      .has("horizon_days", kNumber)
      .has("baseline", kNumber)
      .has("change", kNumber)
      .has("deviation", kNumberOrNull)
      .has("power", kNumber)
      .has("planned", kCount)
      .has("phases", list_of(kNumber))
      .has("phase", kCount)
      .has("share", kNumber)
      .has("by", kTextOrNull)
      .has("created", kTime)
      .has("started", kTimeOrNull)
      .has("widened", kTimeOrNull)
      .has("stopped", kTimeOrNull)
      .has("stop_reason", kTextOrNull);
}

std::string report_schema() {
  const std::string effect = ObjectSchema()
                                 .has("control", kNumber)
                                 .has("treated", kNumber)
                                 .has("difference", kNumber)
                                 .has("low", kNumber)
                                 .has("high", kNumber)
                                 .has("p", kNumber)
                                 .has("clear", kYesNo)
                                 .has("control_n", kCount)
                                 .has("treated_n", kCount)
                                 .has("lift", kNumberOrNull)
                                 .text();
  const std::string comparison = ObjectSchema()
                                     .has("outcome", kText)
                                     .has("is_share", kYesNo)
                                     .has("arm", kTextOrNull)
                                     .has("enough", kYesNo)
                                     .has("missing", kCount)
                                     .has("effect", or_null(effect))
                                     .has("cuped", or_null(effect))
                                     .has("variance_removed", kNumber)
                                     .text();
  const std::string arm = ObjectSchema().has("arm", kText).has("customers", kCount).text();
  const std::string ratio =
      ObjectSchema().has("chi_square", kNumber).has("p", kNumber).has("alarm", kYesNo).text();
  return ObjectSchema()
      .has("customers", kCount)
      .has("measured", kCount)
      .has("planned", kCount)
      .has("interim", kYesNo)
      .has("next_known", kTimeOrNull)
      .has("arms", list_of(arm))
      .has("sample_ratio", ratio)
      .has("effects", list_of(comparison))
      .text();
}

void add_pilots(std::map<std::string, std::string>& schemas) {
  schemas["Pilot"] = pilot_schema().text();
  schemas["PilotWithReport"] = pilot_schema().has("report", report_schema()).text();
  schemas["PilotList"] = page_of(ref("Pilot"));
  const std::string arm = ObjectSchema().has("name", kText).has("share", kNumber).text();
  schemas["PilotDraft"] = ObjectSchema()
                              .has("name", kText)
                              .has("treatment", kText)
                              .may_have("hypothesis", kText)
                              .may_have("tiers", list_of(kText))
                              .may_have("arms", list_of(arm))
                              .may_have("outcome", R"({"enum":["retained","amount"]})")
                              .may_have("horizon_days", kNumber)
                              .may_have("baseline", kNumber)
                              .has("change", kNumber)
                              .may_have("deviation", kNumber)
                              .may_have("power", kNumber)
                              .may_have("phases", list_of(kNumber))
                              .text();
  const std::string exposure = ObjectSchema()
                                   .has("customer_id", kText)
                                   .has("arm", kText)
                                   .has("time", kTime)
                                   .has("phase", kCount)
                                   .has("tier", kText)
                                   .has("retained", R"({"type":["boolean","null"]})")
                                   .has("amount", kNumberOrNull)
                                   .text();
  schemas["ExposureList"] = page_of(exposure);
  const std::string power = ObjectSchema().has("share", kNumber).has("power", kNumber).text();
  schemas["SampleSize"] = ObjectSchema()
                              .has("control", kCount)
                              .has("treated", kCount)
                              .has("customers", kCount)
                              .has("powers", list_of(power))
                              .text();
}

}  // namespace

void add_insight_schemas(std::map<std::string, std::string>& schemas) {
  add_money(schemas);
  add_retention(schemas);
  add_pilots(schemas);
}

}  // namespace tideline
