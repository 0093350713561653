// The schemas of the reports.
#include "api/object_schema.h"
#include "api/openapi_schemas.h"

namespace tideline {

void add_report_schemas(std::map<std::string, std::string>& schemas) {
  const std::string kept = ObjectSchema().has("drawn", kTime).has("bytes", kCount).text();
  const std::string name = R"({"type":"string","enum":["engagement","cost","architecture"]})";
  const std::string schedule =
      ObjectSchema()
          .has("every_days", kCount)
          .has("weekday", kText)  // counts where every_days is a multiple of 7
          .has("at", kText)
          .has("time_zone", kText)
          .has("words", kText)
          .has("next", kTime)
          .has("last", kTimeOrNull)
          .has("given_up", kYesNo)
          .has("mail_addresses", kCount)
          .has("receivers", kCount)
          .text();
  schemas["ReportList"] =
      ObjectSchema()
          .has("data", list_of(ObjectSchema()
                                   .has("name", name)
                                   .has("pages", kCount)
                                   .has("kept", R"({"oneOf":[)" + kept + R"(,{"type":"null"}]})")
                                   .text()))
          .has("next_cursor", kTextOrNull)
          .has("schedule", R"({"oneOf":[)" + schedule + R"(,{"type":"null"}]})")
          .text();
  schemas["ReportKept"] =
      ObjectSchema().has("name", name).has("file", kText).has("kept", kept).text();
  const std::string column =
      ObjectSchema()
          .has("name", kText)
          .has("label", kText)
          .has("kind",
               R"({"type":"string","enum":["number","share","money","difference_of_shares"]})")
          .has("unit", kTextOrNull)
          .text();
  const std::string row =
      ObjectSchema().has("name", kTextOrNull).has("values", list_of(kNumberOrNull)).text();
  const std::string figure =
      ObjectSchema()
          .has("number", kCount)
          .has("id", kText)
          .has("about", kText)
          .has("kind", R"({"type":"string","enum":["sql","api","file","sum"]})")
          .has("query", kText)
          .has("period", kText)
          .has("population", kText)
          .has("columns", list_of(column))
          .has("rows", list_of(row))
          .text();
  schemas["ReportFigures"] =
      ObjectSchema()
          .has("name", name)
          .has("title", kText)
          .has("pages", kCount)
          .has("as_of", kTime)
          .has("pack", kText)
          .has("figures", list_of(figure))
          .has("missing", list_of(ObjectSchema().has("id", kText).has("why", kTextOrNull).text()))
          .text();
}

}  // namespace tideline
