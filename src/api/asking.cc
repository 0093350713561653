#include "api/asking.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "api/ask_model.h"
#include "api/exact_json.h"
#include "api/json_writer.h"

namespace tideline {
namespace {

using boost::json::object;
using boost::json::value;

constexpr std::size_t kTextMax = 256;
constexpr int kRowsMost = 1'000;

Error bad(const std::string& what) { return Error{ErrorCode::invalid, what, "bad_parameter"}; }

AnswerCell cell_of(const value& from) {
  switch (from.kind()) {
    case boost::json::kind::bool_: return from.get_bool();
    case boost::json::kind::int64: return from.get_int64();
    case boost::json::kind::uint64: return static_cast<double>(from.get_uint64());
    case boost::json::kind::double_: return from.get_double();
    case boost::json::kind::string: return std::string(from.get_string());
    case boost::json::kind::null: return {};
    default: return boost::json::serialize(from);
  }
}

void write_cell(JsonWriter& json, const AnswerCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) {
    json.value(*text);
  } else if (const auto* number = std::get_if<double>(&cell)) {
    json.value(*number);
  } else if (const auto* whole = std::get_if<std::int64_t>(&cell)) {
    json.value(*whole);
  } else if (const auto* yes = std::get_if<bool>(&cell)) {
    json.value(*yes);
  } else if (const auto* time = std::get_if<Time>(&cell)) {
    json.value(*time);
  } else {
    json.null();
  }
}

Result<AnswerRows> rows_of_sql(const SqlAnswer& answer) {
  TRY_ASSIGN(const value parsed, parse_exactly(answer.body));
  AnswerRows rows;
  const object& all = parsed.as_object();
  for (const value& column : all.at("columns").as_array())
    rows.columns.emplace_back(column.as_object().at("name").as_string());
  for (const value& row : all.at("rows").as_array()) {
    auto& cells = rows.rows.emplace_back();
    for (const value& cell : row.as_array()) cells.push_back(cell_of(cell));
  }
  rows.truncated = answer.truncated;
  rows.elapsed_ms = all.at("elapsed_ms").to_number<double>();
  rows.as_of = parse_time(std::string(all.at("as_of").as_string())).value_or(Time{});
  return rows;
}

// What an evaluation tells of a task's champion stands in a list beside those of the others.
void add_champion(object& row) {
  const auto* champion = row.if_contains("champion");
  const auto* models = row.if_contains("models");
  if (champion == nullptr || models == nullptr || !models->is_array()) return;
  for (const value& model : models->get_array()) {
    const auto* name = model.is_object() ? model.get_object().if_contains("name") : nullptr;
    if (name == nullptr || *name != *champion) continue;
    row["champion_metrics"] = model;
    return;
  }
}

Result<AnswerRows> rows_of_reading(const Question& question, const std::string& body) {
  boost::system::error_code error;
  TRY_ASSIGN(value parsed, parse_exactly(body));
  AnswerRows rows;
  for (const AnswerColumn& column : question.columns) rows.columns.push_back(column.name);
  const ApiReading& reading = question.reading;
  if (const auto* as_of = parsed.as_object().if_contains("as_of"); as_of && as_of->is_string())
    rows.as_of = parse_time(std::string(as_of->get_string())).value_or(Time{});
  value* at = reading.rows.empty() ? &parsed : parsed.find_pointer(reading.rows, error);
  if (at == nullptr || at->is_null()) return rows;
  boost::json::array one;
  if (!at->is_array()) one.push_back(*at);
  boost::json::array& list = at->is_array() ? at->get_array() : one;
  for (value& row : list) {
    if (!row.is_object()) continue;
    if (!reading.filter.empty()) {
      const value* wanted = row.find_pointer(reading.filter, error);
      if (wanted == nullptr || !wanted->is_bool() || !wanted->get_bool()) continue;
    }
    add_champion(row.get_object());
    auto& cells = rows.rows.emplace_back();
    for (const AnswerColumn& column : question.columns) {
      const value* cell = row.find_pointer(column.from, error);
      cells.push_back(cell == nullptr ? AnswerCell() : cell_of(*cell));
    }
  }
  return rows;
}

void write_questions(JsonWriter& json, const std::vector<const Question*>& questions) {
  json.begin_array();
  for (const Question* question : questions) {
    json.begin_object().member("question", question->id).member("about", question->about);
    json.member("example", question->example).end_object();
  }
  json.end_array();
}

void write_arguments(JsonWriter& json, const Arguments& a) {
  json.begin_object();
  const auto text = [&](const char* name, const std::optional<std::string>& value) {
    if (value) json.member(name, *value);
  };
  text("customer", a.customer);
  text("other", a.other);
  text("tier", a.tier);
  text("from_tier", a.from_tier);
  text("event", a.event);
  text("by", a.by);
  if (a.period) json.member("from", a.period->from).member("to", a.period->to);
  if (a.before) json.member("before_from", a.before->from).member("before_to", a.before->to);
  if (a.rows) json.member("rows", *a.rows);
  if (a.threshold) json.member("threshold", *a.threshold);
  json.end_object();
}

void write_context(JsonWriter& json, const Reading& reading) {
  json.key("context").begin_object().member("question", reading.question->id).key("arguments");
  write_arguments(json, reading.arguments);
  json.end_object();
}

void write_respelt(JsonWriter& json, const Reading& reading) {
  json.key("respelt").begin_array();
  for (const auto& [from, to] : reading.respelt)
    json.begin_object().member("written", from).member("taken", to).end_object();
  json.end_array();
}

void write_query(JsonWriter& json, const Statement& statement) {
  json.key("query");
  if (statement.text.empty()) {
    json.null();
    return;
  }
  json.begin_object().member("text", statement.text);
  json.key("sql");
  if (statement.sql.empty()) {
    json.null().key("parameters").begin_array().end_array().member("path", statement.path);
  } else {
    json.value(statement.sql).key("parameters").begin_array();
    for (const SqlValue& value : statement.parameters)
      std::visit([&](const auto& one) { write_cell(json, one); }, value);
    json.end_array().key("path").null();
  }
  json.end_object();
}

constexpr const char* kForms[] = {"text",  "tier",  "whole", "number", "number",
                                  "share", "money", "date",  "time",   "signed"};
constexpr const char* kCharts[] = {"none", "bars", "line"};

void write_table(JsonWriter& json, const Question& question, const AnswerText& answer,
                 const AnswerRows& rows) {
  json.key("columns").begin_array();
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < question.columns.size(); ++i) {
    const AnswerColumn& column = question.columns[i];
    json.begin_object().member("name", column.name).member("label", answer.labels[i]);
    json.member("form", kForms[static_cast<std::size_t>(column.form)]);
    json.member_or_null("unit", column.unit).end_object();
    const auto at = std::find(rows.columns.begin(), rows.columns.end(), column.name);
    places.push_back(static_cast<std::size_t>(at - rows.columns.begin()));
  }
  json.end_array().key("rows").begin_array();
  for (const auto& row : rows.rows) {
    json.begin_array();
    for (const std::size_t place : places) write_cell(json, row[place]);
    json.end_array();
  }
  json.end_array().key("cells").begin_array();
  for (const auto& row : answer.cells) {
    json.begin_array();
    for (const std::string& cell : row) json.value(cell);
    json.end_array();
  }
  json.end_array().member("row_count", rows.rows.size()).member("truncated", rows.truncated);
  json.member("elapsed_ms", rows.elapsed_ms);
  json.member("chart", kCharts[static_cast<std::size_t>(question.chart)]);
}

Result<std::optional<std::string>> text_of(const object& from, const char* name) {
  const value* member = from.if_contains(name);
  if (member == nullptr || member->is_null()) return std::optional<std::string>();
  if (!member->is_string() || member->get_string().size() > kTextMax)
    return fail(bad(std::string(name) + " is a text of at most 256 bytes"));
  return std::optional(std::string(member->get_string()));
}

Result<std::optional<Period>> period_of(const object& from, const char* begin, const char* end,
                                        Time now) {
  TRY_ASSIGN(const auto first, text_of(from, begin));
  TRY_ASSIGN(const auto last, text_of(from, end));
  if (!first && !last) return std::optional<Period>();
  const auto a = first ? parse_time(*first) : Time{};
  const auto b = last ? parse_time(*last) : now;
  if (!a || !b || *b <= *a)
    return fail(bad(std::string(begin) + " and " + end + " are times, one after the other"));
  return std::optional(period_between(*a, *b, now));
}

}  // namespace

Asker::Asker(const Pack& pack) : pack_(pack), catalogue_(pack), grammar_(pack, catalogue_) {}

Result<Arguments> Asker::arguments_of(const object& from, Time now) const {
  Arguments a;
  TRY_ASSIGN(a.customer, text_of(from, "customer"));
  TRY_ASSIGN(a.other, text_of(from, "other"));
  TRY_ASSIGN(a.tier, text_of(from, "tier"));
  TRY_ASSIGN(a.from_tier, text_of(from, "from_tier"));
  TRY_ASSIGN(a.event, text_of(from, "event"));
  TRY_ASSIGN(a.by, text_of(from, "by"));
  TRY_ASSIGN(a.period, period_of(from, "from", "to", now));
  TRY_ASSIGN(a.before, period_of(from, "before_from", "before_to", now));
  for (const auto* tier : {&a.tier, &a.from_tier}) {
    const auto& known = pack_.tiers();
    if (*tier && std::find(known.begin(), known.end(), **tier) == known.end())
      return fail(bad("there is no tier " + **tier));
  }
  if (a.event && pack_.find_event(*a.event) == nullptr)
    return fail(bad("there is no event " + *a.event));
  static constexpr std::string_view kUnits[] = {"day", "week", "month", "quarter", "year"};
  if (a.by && std::find(std::begin(kUnits), std::end(kUnits), *a.by) == std::end(kUnits))
    return fail(bad("by is day, week, month, quarter or year"));
  if (const value* rows = from.if_contains("rows"); rows != nullptr && !rows->is_null()) {
    if (!rows->is_int64() || rows->get_int64() < 1 || rows->get_int64() > kRowsMost)
      return fail(bad("rows is a whole number from 1 to 1000"));
    a.rows = static_cast<int>(rows->get_int64());
  }
  if (const value* share = from.if_contains("threshold"); share != nullptr && !share->is_null()) {
    const double number = share->is_number() ? share->to_number<double>() : -1;
    if (number < 0 || number > 1) return fail(bad("threshold is a number from 0 to 1"));
    a.threshold = number;
  }
  return a;
}

Result<AskRequest> Asker::request_of(const object& body, Time now) const {
  static constexpr std::string_view kMembers[] = {"question", "context", "at", "plain"};
  for (const auto& member : body) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::find(std::begin(kMembers), std::end(kMembers), name) == std::end(kMembers))
      return fail(bad("there is no member \"" + std::string(name.substr(0, 64)) + "\""));
  }
  AskRequest request;
  const value* question = body.if_contains("question");
  if (question == nullptr || !question->is_string() || question->get_string().empty() ||
      question->get_string().size() > kQuestionBytesMax)
    return fail(bad("question is a text of 1 to 1000 bytes"));
  request.question = std::string(question->get_string());
  TRY_ASSIGN(const auto at, text_of(body, "at"));
  if (at) {
    request.at = parse_time(*at);
    if (!request.at || *request.at > now) return fail(bad("at is a time that is not to come"));
  }
  if (const value* plain = body.if_contains("plain"); plain != nullptr && !plain->is_null()) {
    if (!plain->is_bool()) return fail(bad("plain is true or false"));
    request.in_own_words = !plain->get_bool();
  }
  const value* context = body.if_contains("context");
  if (context == nullptr || context->is_null()) return request;
  if (!context->is_object()) return fail(bad("context is what the answer before gave"));
  TRY_ASSIGN(const auto id, text_of(context->get_object(), "question"));
  const value* arguments = context->get_object().if_contains("arguments");
  request.context.question = id.value_or("");
  if (arguments != nullptr && arguments->is_object()) {
    TRY_ASSIGN(request.context.arguments, arguments_of(arguments->get_object(), now));
  }
  return request;
}

std::string Asker::without_answer(const Reading& reading) const {
  JsonWriter json;
  json.begin_object();
  json.member("kind", reading.kind == Reading::Kind::ask_back ? "ask_back" : "decline");
  json.member("sentence", reading.message).key("suggestions");
  write_questions(json, reading.near);
  write_respelt(json, reading);
  return json.end_object().take();
}

Result<AnswerRows> Asker::rows_of(const Question& question, const Arguments& arguments,
                                  const Statement& statement, const AskSources& sources) const {
  if (!question.told.empty()) return told_rows(question, arguments);
  if (statement.sql.empty()) {
    if (!sources.reading) {
      return fail(ErrorCode::unavailable,
                  "that is known to a running server alone: " + statement.text, "no_server");
    }
    TRY_ASSIGN(const std::string body, sources.reading(statement.path));
    return rows_of_reading(question, body);
  }
  SqlRequest request;
  request.sql = statement.sql;
  for (const SqlValue& value : statement.parameters)
    request.parameters.push_back(std::visit([](const auto& one) { return Cell(one); }, value));
  TRY_ASSIGN(const SqlAnswer answer, sources.sql(request));
  return rows_of_sql(answer);
}

Result<std::string> Asker::tell(const Reading& reading, const AskRequest& request,
                                const AskSources& sources, Time now,
                                std::string_view chosen_by) const {
  const Question& question = *reading.question;
  if (request.at && (question.stands_now || !question.reading.path.empty())) {
    Reading refused;
    refused.message = "I know " + question.about + " only as it stands now, not as of " +
                      format_time(*request.at) + ".";
    return without_answer(refused);
  }
  const Time as_of = request.at.value_or(now);
  const Statement statement = statement_of(question, reading.arguments, as_of);
  auto got = rows_of(question, reading.arguments, statement, sources);
  // A customer that is not there is an answer: nothing.
  const bool nobody = !got && got.error().code == ErrorCode::not_found;
  if (!got && !nobody) return fail(got.error());
  AnswerRows rows = nobody ? AnswerRows() : std::move(*got);
  if (nobody)
    for (const AnswerColumn& column : question.columns) rows.columns.push_back(column.name);
  TRY_ASSIGN(const AnswerText answer,
             answer_of(question, reading.arguments, rows, catalogue_.currency(), as_of));
  std::optional<std::string> wording;
  if (sources.chat && request.in_own_words && question.told.empty() && !request.question.empty()) {
    // A model that is away, slow or wrong costs the wording, never the answer.
    if (const auto said = sources.chat(wording_chat(request.question, answer)))
      wording = wording_in(*said, answer, rows);
  }
  JsonWriter json;
  json.begin_object().member("kind", "answer").member("question", question.id);
  json.member("about", question.about).member("sentence", answer.sentence);
  json.member("wording", wording).member("chosen_by", chosen_by);
  json.member_or_null("period", answer.period).member("population", answer.population);
  json.member("as_of", rows.as_of == Time{} ? as_of : rows.as_of);
  write_query(json, statement);
  write_table(json, question, answer, rows);
  write_context(json, reading);
  json.key("suggestions").begin_array().end_array();
  write_respelt(json, reading);
  return json.end_object().take();
}

Result<std::string> Asker::ask(const AskRequest& request, const AskSources& sources,
                               Time now) const {
  const Time as_of = request.at.value_or(now);
  Reading reading = grammar_.read(request.question, as_of, request.context);
  if (reading.kind == Reading::Kind::answer)
    return tell(reading, request, sources, now, "grammar");
  if (sources.chat && request.in_own_words) {
    const auto said = sources.chat(choice_chat(catalogue_, pack_, request.question, as_of));
    const auto choice = said ? choice_in(*said) : std::nullopt;
    const Question* question = choice ? catalogue_.find(choice->id) : nullptr;
    auto arguments =
        choice ? arguments_of(choice->arguments, as_of) : Result<Arguments>(Arguments());
    const bool fits = question != nullptr && arguments &&
                      std::all_of(question->needs.begin(), question->needs.end(),
                                  [&](Slot slot) { return arguments->has(slot); });
    if (fits) {
      reading.question = question;
      reading.arguments = std::move(*arguments);
      return tell(reading, request, sources, now, "model");
    }
  }
  return without_answer(reading);
}

Result<std::string> Asker::run(std::string_view id, const object& arguments,
                               const AskSources& sources, Time now) const {
  Reading reading;
  reading.question = catalogue_.find(id);
  if (reading.question == nullptr)
    return fail(ErrorCode::not_found, "there is no question " + std::string(id), "no_question");
  TRY_ASSIGN(reading.arguments, arguments_of(arguments, now));
  for (const Slot slot : reading.question->needs)
    if (!reading.arguments.has(slot))
      return fail(bad("the question " + reading.question->id +
                      " needs more arguments: " + arguments_schema(*reading.question)));
  AskRequest request;
  request.in_own_words = false;
  return tell(reading, request, sources, now, "caller");
}

std::string Asker::arguments_schema(const Question& question) const {
  JsonWriter json;
  json.begin_object().member("type", "object").key("properties").begin_object();
  const auto text = [&](const char* name, const char* about) {
    json.key(name).begin_object().member("type", "string").member("description", about);
    json.end_object();
  };
  const auto choice = [&](const char* name, const char* about, const auto& values) {
    json.key(name).begin_object().member("type", "string").member("description", about);
    json.key("enum").begin_array();
    for (const auto& one : values) json.value(one);
    json.end_array().end_object();
  };
  static const std::vector<std::string> kUnits = {"day", "week", "month", "quarter", "year"};
  std::vector<std::string> events;
  for (const EventSpec& event : pack_.events()) events.push_back(event.name);
  std::vector<const char*> needed;
  for (const Slot slot : question.takes) {
    const bool needs =
        std::find(question.needs.begin(), question.needs.end(), slot) != question.needs.end();
    const char* name = "";
    switch (slot) {
      case Slot::customer: text(name = "customer", "id of a customer"); break;
      case Slot::other: text(name = "other", "id of another customer"); break;
      case Slot::tier: choice(name = "tier", "a tier", pack_.tiers()); break;
      case Slot::from_tier: choice(name = "from_tier", "another tier", pack_.tiers()); break;
      case Slot::event: choice(name = "event", "an event", events); break;
      case Slot::by: choice(name = "by", "span of a row", kUnits); break;
      case Slot::period:
        text("from", "RFC 3339, inclusive");
        text("to", "RFC 3339, exclusive; now where it is absent");
        break;
      case Slot::before:
        text("before_from", "of the period compared with");
        text("before_to", "of the period compared with");
        break;
      case Slot::rows:
        json.key("rows").raw(R"({"type":"integer","minimum":1,"maximum":1000})");
        break;
      case Slot::threshold:
        json.key(name = "threshold").raw(R"({"type":"number","minimum":0,"maximum":1})");
        break;
    }
    if (needs && *name != '\0') needed.push_back(name);
  }
  json.end_object().key("required").begin_array();
  for (const char* name : needed) json.value(name);
  return json.end_array().member("additionalProperties", false).end_object().take();
}

}  // namespace tideline
