#include "api/report_json.h"

#include "api/json_writer.h"

namespace tideline {
namespace {

using reports::Answer;
using reports::NumberForm;

std::string_view unit_kind(NumberForm::Kind kind) {
  switch (kind) {
    case NumberForm::Kind::share: return "share";
    case NumberForm::Kind::money: return "money";
    case NumberForm::Kind::signed_share: return "difference_of_shares";
    case NumberForm::Kind::plain: break;
  }
  return "number";
}

void write_answer(JsonWriter& json, const Answer& answer, std::size_t number) {
  json.begin_object().member("number", number).member("id", answer.id);
  json.member("about", answer.about).member("kind", std::string(name_of(answer.kind)));
  json.member("query", answer.query).member("period", answer.period);
  json.member("population", answer.population).key("columns").begin_array();
  for (const reports::AnswerColumn& column : answer.columns) {
    json.begin_object().member("name", column.name).member("label", column.label);
    json.member("kind", std::string(unit_kind(column.form.kind)));
    json.member_or_null("unit", column.form.unit).end_object();
  }
  json.end_array().key("rows").begin_array();
  for (const reports::AnswerRow& row : answer.rows) {
    json.begin_object().member_or_null("name", row.name).key("values").begin_array();
    for (const auto& value : row.values) {
      if (value) {
        json.value(*value);
      } else {
        json.null();
      }
    }
    json.end_array().end_object();
  }
  json.end_array().end_object();
}

}  // namespace

std::string report_json(reports::ReportKind kind, const ReportContents& contents) {
  JsonWriter json;
  json.begin_object().member("name", std::string(name_of(kind)));
  json.member("title", contents.report.document.title);
  json.member("pages", static_cast<std::size_t>(pages_of(kind)));
  json.member("as_of", contents.facts.as_of).member("pack", contents.facts.pack);
  json.key("figures").begin_array();
  std::size_t number = 0;
  for (const std::string& id : contents.report.used)
    write_answer(json, contents.facts.answers.at(id), ++number);
  json.end_array().key("missing").begin_array();
  for (const auto& [id, answer] : contents.facts.answers) {
    if (!answer.rows.empty()) continue;
    json.begin_object().member("id", id).member_or_null("why", answer.missing).end_object();
  }
  return json.end_array().end_object().take();
}

}  // namespace tideline
