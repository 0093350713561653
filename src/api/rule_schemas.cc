// The schemas of tiers and playbook.
#include "api/object_schema.h"
#include "api/openapi_schemas.h"

namespace tideline {
namespace {

std::string book() {
  const std::string tier = ObjectSchema().has("tier", kText).has("rule", kText).text();
  const std::string part = ObjectSchema().has("name", kText).has("value", kText).text();
  const std::string play =
      ObjectSchema()
          .has("play", kText)
          .has("when", kText)
          .may_have("priority", R"({"type":"string","enum":["low","medium","high"]})")
          .has("say", kText)
          .may_have("cooldown", kText)
          .may_have("channel", kText)
          .may_have("cost", R"({"type":"number","minimum":0})")
          .may_have("on", kYesNo)
          .may_have("parts", list_of(part))
          .text();
  const std::string margins =
      ObjectSchema().may_have("number", kNumber).may_have("probability", kNumber).text();
  return ObjectSchema()
      .may_have("margins", margins)
      .has("tiers", list_of(tier))
      .may_have("plays", list_of(play))
      .text();
}

ObjectSchema head() {
  return ObjectSchema()
      .has("version", kCount)
      .has("saved", kTimeOrNull)
      .has("who", kTextOrNull)
      .has("note", kTextOrNull)
      .has("restored_from", R"({"type":["integer","null"],"minimum":0})");
}

std::string preview() {
  const std::string axis =
      ObjectSchema().has("task", kText).has("min", kNumber).has("max", kNumber).text();
  const std::string plane = ObjectSchema()
                                .has("x", axis)
                                .has("y", R"({"oneOf":[)" + axis + R"(,{"type":"null"}]})")
                                .has("columns", kCount)
                                .has("rows", kCount)
                                .has("tiers", list_of(R"({"type":"integer","minimum":-1})"))
                                .has("customers", list_of(kCount))
                                .text();
  const std::string example =
      ObjectSchema().has("customer_id", kText).has("from", kText).has("to", kText).text();
  const std::string row = ObjectSchema().has("from", kText).has("to", kCounts).text();
  const std::string tiers = ObjectSchema()
                                .has("total", kCount)
                                .has("customers", kCount)
                                .has("moved", kCount)
                                .has("undecided", kCount)
                                .has("matrix", list_of(row))
                                .has("examples", list_of(example))
                                .has("plane", R"({"oneOf":[)" + plane + R"(,{"type":"null"}]})")
                                .text();
  const std::string play = ObjectSchema()
                               .has("play", kText)
                               .has("customers", kCount)
                               .has("example", kTextOrNull)
                               .text();
  const std::string plays = ObjectSchema()
                                .has("customers", kCount)
                                .has("looked_at", kCount)
                                .has("plays", list_of(play))
                                .text();
  const std::string mistake = ObjectSchema().has("place", kText).has("message", kText).text();
  return ObjectSchema()
      .has("mistakes", list_of(mistake))
      .has("tiers", R"({"oneOf":[)" + tiers + R"(,{"type":"null"}]})")
      .has("plays", R"({"oneOf":[)" + plays + R"(,{"type":"null"}]})")
      .text();
}

}  // namespace

void add_rule_schemas(std::map<std::string, std::string>& schemas) {
  schemas["RuleBook"] = book();
  schemas["Rules"] = head()
                         .has("newest", kCount)
                         .has("problem", kTextOrNull)
                         .has("book", ref("RuleBook"))
                         .may_have("as_of", kTime)
                         .text();
  schemas["RuleVersion"] = head().has("in_force", kYesNo).has("book", ref("RuleBook")).text();
  schemas["RuleVersionList"] = page_of(head().has("in_force", kYesNo).text());
  schemas["RuleDraft"] =
      ObjectSchema()
          .has("book", ref("RuleBook"))
          .may_have("of", list_of(R"({"type":"string","enum":["tiers","plays"]})"))
          .text();
  schemas["RuleSave"] = ObjectSchema()
                            .has("book", ref("RuleBook"))
                            .may_have("note", kTextOrNull)
                            .has("based_on", kCount)
                            .text();
  schemas["RuleRestore"] =
      ObjectSchema().may_have("note", kTextOrNull).has("based_on", kCount).text();
  schemas["RulePreview"] = preview();
}

}  // namespace tideline
