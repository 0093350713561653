// The reports: which there are, their figures with the queries behind them, and their PDF files.
#include <fmt/format.h>

#include <algorithm>

#include "alerts/alerts.h"
#include "api/json_writer.h"
#include "api/report_json.h"
#include "api/resources.h"
#include "api/writing.h"

namespace tideline {
namespace {

using reports::ReportKind;

constexpr const char* kPdf = "application/pdf";

Error no_reports() {
  return Error{ErrorCode::unavailable, "this server draws no reports", "no_reports"};
}

Result<ReportKind> kind_of(const http::Request& request) {
  const auto kind = reports::report_kind_of(request.param("name"));
  if (kind) return *kind;
  return fail(ErrorCode::not_found, "there are the reports engagement, cost and architecture",
              "no_report");
}

Result<ReportRequest> request_of(const http::Request& request, const std::string& at,
                                 const std::string& paper) {
  ReportRequest wanted;
  TRY_ASSIGN(wanted.kind, kind_of(request));
  if (!at.empty()) {
    wanted.at = parse_time(at);
    if (!wanted.at) return fail(ErrorCode::invalid, "at is an RFC 3339 time", "bad_parameter");
  }
  const auto size = typesetting::paper_of(paper.empty() ? "a4" : paper);
  if (!size) return fail(ErrorCode::invalid, "paper is a4 or letter", "bad_parameter");
  wanted.paper = *size;
  return wanted;
}

void write_kept(JsonWriter& json, const KeptReport& kept) {
  json.begin_object().member("drawn", kept.drawn).member("bytes", kept.bytes).end_object();
}

Result<std::size_t> receivers_of_reports(Receivers& receivers) {
  TRY_ASSIGN(const auto all, receivers.list());
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const Receiver& receiver) {
        return receiver.active && std::find(receiver.topics.begin(), receiver.topics.end(),
                                            AlertTopic::report) != receiver.topics.end();
      }));
}

void write_plan(JsonWriter& json, const ReportPlan& plan, std::size_t receivers) {
  const reports::Schedule& schedule = plan.schedule;
  const std::int64_t minutes = schedule.at.count();
  json.begin_object().member("every_days", schedule.every_days);
  json.member("weekday", std::string(reports::name_of(schedule.weekday)));
  json.member("at", fmt::format("{:02}:{:02}", minutes / 60, minutes % 60));
  json.member("time_zone", schedule.zone.name()).member("words", words_of(schedule));
  json.member("next", plan.next).key("last");
  if (plan.last) {
    json.value(*plan.last);
  } else {
    json.null();
  }
  json.member("given_up", plan.given_up).member("mail_addresses", plan.mail_addresses);
  json.member("receivers", receivers).end_object();
}

struct ListReports {
  struct Input {};
  struct Output {
    std::vector<KeptReport> kept;
    std::optional<ReportPlan> plan;
    std::size_t receivers = 0;  // that are told when they are drawn on schedule
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request&) { return Input{}; }
  static Result<Output> handle(Services& services, const Input&) {
    if (!services.reports.kept) return fail(no_reports());
    Output output;
    output.kept = services.reports.kept();
    TRY_ASSIGN(output.plan, services.reports.plan());
    if (output.plan && services.alerts) {
      TRY_ASSIGN(output.receivers, receivers_of_reports(services.alerts->receivers()));
    }
    return output;
  }
  static http::Response answer(const Services&, const Output& output) {
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const ReportKind kind : reports::kReportKinds) {
      json.begin_object().member("name", std::string(name_of(kind)));
      json.member("pages", static_cast<std::size_t>(pages_of(kind))).key("kept");
      const KeptReport* found = nullptr;
      for (const KeptReport& one : output.kept) {
        if (one.kind == kind) found = &one;
      }
      if (found) {
        write_kept(json, *found);
      } else {
        json.null();
      }
      json.end_object();
    }
    json.end_array().member_or_null("next_cursor", "").key("schedule");
    if (output.plan) {
      write_plan(json, *output.plan, output.receivers);
    } else {
      json.null();
    }
    return http::json_response(json.end_object().take());
  }
};

struct ShowReport {
  struct Input {
    ReportRequest wanted;
    bool pdf = false;
  };
  struct Output {
    ReportKind kind = ReportKind::engagement;
    std::string body;
    bool pdf = false;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    Input input;
    TRY_ASSIGN(input.wanted,
               request_of(request, text_of(request.query, "at"), text_of(request.query, "paper")));
    const std::string format = text_of(request.query, "format");
    if (!format.empty() && format != "json" && format != "pdf")
      return fail(ErrorCode::invalid, "format is json or pdf", "bad_parameter");
    input.pdf = format == "pdf";
    return input;
  }
  static Result<Output> handle(Services& services, const Input& input) {
    if (!services.reports.pdf) return fail(no_reports());
    if (input.pdf) {
      TRY_ASSIGN(std::string bytes, services.reports.pdf(input.wanted));
      return Output{input.wanted.kind, std::move(bytes), true};
    }
    TRY_ASSIGN(const ReportContents contents, services.reports.contents(input.wanted));
    return Output{input.wanted.kind, report_json(input.wanted.kind, contents), false};
  }
  static http::Response answer(const Services&, const Output& output) {
    if (!output.pdf) return http::json_response(output.body);
    http::Response response;
    response.body = output.body;
    response.headers.set("content-type", kPdf);
    response.headers.set("content-disposition",
                         "inline; filename=\"" + std::string(name_of(output.kind)) + ".pdf\"");
    return response;
  }
};

Result<http::Response> keep_report(Services& services, const http::Request& request) {
  if (!services.reports.keep) return fail(no_reports());
  TRY_ASSIGN(const auto body, object_of(request.body, {"at", "paper"}));
  const auto text = [&](const char* name) {
    const auto* value = body.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  TRY_ASSIGN(const ReportRequest wanted, request_of(request, text("at"), text("paper")));
  TRY_ASSIGN(const KeptReport kept, services.reports.keep(wanted));
  JsonWriter json;
  json.begin_object().member("name", std::string(name_of(wanted.kind)));
  json.member("file", "reports/" + std::string(name_of(wanted.kind)) + ".pdf").key("kept");
  write_kept(json, kept);
  return http::json_response(json.end_object().take());
}

Endpoint described(const char* path, const char* name, const char* about) {
  Endpoint endpoint;
  endpoint.path = path;
  endpoint.name = name;
  endpoint.tag = "reports";
  endpoint.about = about;
  return endpoint;
}

}  // namespace

void add_report_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint list = described(
      "/api/v1/reports", "list_reports",
      "The reports, which of them are kept in the data folder, and when all are drawn by "
      "schedule");
  list.answers = {{"application/json", "#ReportList"}};
  list.problems = {400, 503, 504};
  endpoints.push_back(reading<ListReports>(services, std::move(list)));

  Endpoint show = described("/api/v1/reports/{name}", "show_report",
                            "A report's figures, each with unit, period, population and the query "
                            "that gives it again; or its PDF file");
  show.query = {
      {"at", "As of this time; unless given: now"},
      {"format", "json, or pdf for the file", R"({"type":"string","enum":["json","pdf"]})"},
      {"paper", "Of the file", R"({"type":"string","enum":["a4","letter"]})"}};
  show.answers = {{"application/json", "#ReportFigures"}, {kPdf, R"({"type":"string"})"}};
  show.problems = {400, 404, 503, 504};
  endpoints.push_back(reading<ShowReport>(services, std::move(show)));

  Endpoint keep = described("/api/v1/reports/{name}", "keep_report",
                            "Draws a report and keeps its PDF file in the data folder");
  keep.method = http::Method::post;
  keep.permission = Permission::operate;
  keep.options.wire_bytes_max = services.body_bytes_max;
  keep.body = {{"application/json", R"({"type":"object","properties":{"at":{"type":"string"},)"
                                    R"("paper":{"type":"string","enum":["a4","letter"]}}})"}};
  keep.answers = {{"application/json", "#ReportKept"}};
  keep.problems = {400, 404, 413, 503, 507};
  keep.handler = writing(services, keep.name, keep_report);
  endpoints.push_back(std::move(keep));
}

}  // namespace tideline
