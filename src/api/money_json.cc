#include "api/money_json.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace tideline {
namespace {

namespace json = boost::json;

Result<double> number_in(const json::object& object, std::string_view name) {
  boost::system::error_code error;
  const json::value* value = object.if_contains(name);
  const double number = value == nullptr ? 0 : value->to_number<double>(error);
  if (value == nullptr || error)
    return fail(ErrorCode::invalid, std::string(name) + " is a number", "bad_parameter");
  return number;
}

Result<MeasuredEffect> measured_in(const json::value& value) {
  if (!value.is_object())
    return fail(ErrorCode::invalid, "measured is an object", "bad_parameter");
  MeasuredEffect measured;
  TRY_ASSIGN(measured.treated, number_in(value.get_object(), "treated"));
  TRY_ASSIGN(measured.difference, number_in(value.get_object(), "difference"));
  TRY_ASSIGN(measured.low, number_in(value.get_object(), "low"));
  TRY_ASSIGN(measured.high, number_in(value.get_object(), "high"));
  return measured;
}

Status set_input(std::string_view name, const json::object& object, MoneyInputs& inputs) {
  for (const MoneyField& field : money_fields()) {
    if (field.key != name) continue;
    TRY_ASSIGN(inputs.*field.place, number_in(object, name));
    return {};
  }
  return fail(ErrorCode::invalid, "unknown member \"" + std::string(name.substr(0, 64)) + "\"",
              "bad_parameter");
}

void write_measured(JsonWriter& out, const MoneyInputs& inputs, const MoneyAnswer& answer) {
  out.key("measured");
  if (!inputs.measured) {
    out.null();
    return;
  }
  const MeasuredEffect& m = *inputs.measured;
  out.begin_object().member("treated", m.treated).member("difference", m.difference);
  out.member("low", m.low).member("high", m.high).member("proven", m.is_proven());
  out.member("gain_low", answer.gain_proven_low).member("gain_high", answer.gain_proven_high);
  out.end_object();
}

}  // namespace

Result<MoneyInputs> parse_money(std::string_view body, const MoneyInputs& otherwise) {
  boost::system::error_code error;
  const auto value = json::parse({body.data(), body.size()}, error);
  if (error || !value.is_object())
    return fail(ErrorCode::invalid, "the body is no JSON object", "malformed_json");
  MoneyInputs inputs = otherwise;
  for (const auto& member : value.get_object()) {
    const std::string_view name(member.key().data(), member.key().size());
    if (name != "measured") {
      TRY(set_input(name, value.get_object(), inputs));
    } else if (member.value().is_null()) {
      inputs.measured.reset();
    } else {
      TRY_ASSIGN(inputs.measured, measured_in(member.value()));
    }
  }
  return inputs;
}

void write_money(JsonWriter& out, const std::string& currency, const MoneyInputs& inputs,
                 const MoneyAnswer& answer, std::span<const KnownInput> known,
                 std::span<const CustomerCost> costs) {
  out.begin_object().member_or_null("currency", currency).key("inputs").begin_array();
  for (const MoneyField& field : money_fields()) {
    const auto source = std::find_if(known.begin(), known.end(),
                                     [&](const KnownInput& k) { return k.key == field.key; });
    out.begin_object().member("key", field.key).member("title", field.title);
    out.member("unit", field.unit).member("value", inputs.*field.place);
    out.member("low", field.low).member("high", field.high).member("about", field.about);
    out.member_or_null("source", source == known.end() ? "" : source->source).end_object();
  }
  out.end_array();
  write_measured(out, inputs, answer);
  out.key("figures").begin_array();
  for (const MoneyFigure& figure : money_figures(inputs, answer)) {
    out.begin_object().member("key", figure.key).member("title", figure.title);
    out.member("unit", figure.unit).member("value", figure.value);
    out.member("formula", figure.formula).member("source", figure.source).end_object();
  }
  out.end_array().key("by_customers").begin_array();
  for (const CustomerCost& cost : costs) {
    out.begin_object().member("customers", cost.customers).member("month", cost.month);
    out.member("customer_month", cost.month / cost.customers);
    out.member("currency", cost.currency).end_object();
  }
  out.end_array().end_object();
}

void write_growth(JsonWriter& out, std::span<const MonthGrowth> months) {
  out.begin_array();
  for (const MonthGrowth& one : months) {
    out.begin_object().member("month", month_text(one.month)).member("active", one.active);
    out.member("new", one.fresh).member("retained", one.retained);
    out.member("resurrected", one.resurrected).member("churned", one.churned);
    out.member("amount", one.amount).member("amount_before", one.amount_before);
    out.member("amount_again", one.amount_again);
    out.member("gross_retention", one.gross_retention());
    out.member("net_retention", one.net_retention()).end_object();
  }
  out.end_array();
}

void write_curve(JsonWriter& out, RetentionKind kind, std::span<const RetentionPoint> curve) {
  out.begin_object().member("kind", name_of(kind)).key("points").begin_array();
  for (const RetentionPoint& point : curve) {
    out.begin_object().member("day", point.day).member("customers", point.customers);
    out.member("retained", point.retained).member("share", point.share()).end_object();
  }
  out.end_array().end_object();
}

void write_success(JsonWriter& out, const SuccessRow& row) {
  const SuccessTarget& target = row.target;
  out.begin_object().member("name", target.name).member("title", target.title);
  out.member("unit", target.unit).member("measure", name_of(target.measure));
  out.member_or_null("of", target.of).member("baseline", target.baseline);
  out.member("target", target.target).member("actual", row.actual);
  out.member("progress", row.actual ? progress_of(target, *row.actual) : std::nullopt);
  out.member_or_null("about", target.about).end_object();
}

}  // namespace tideline
