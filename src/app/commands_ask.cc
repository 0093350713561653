// ask: a question in plain words. A server that owns the folder answers as its API does.
#include <boost/json/serialize.hpp>
#include <cstdio>

#include "api/exact_json.h"
#include "app/commands.h"
#include "app/owned_folder.h"
#include "http/client.h"

namespace tideline {
namespace {

constexpr std::size_t kCellWidth = 60;

struct AskFlags {
  FolderFlags folder;
  std::string question;
  std::string at;
};

void print_table(const Json& answer) {
  const auto& columns = answer.as_object().at("columns").as_array();
  const auto& cells = answer.as_object().at("cells").as_array();
  std::vector<std::size_t> widths;
  std::vector<std::vector<std::string>> lines(1);
  for (const Json& column : columns) {
    lines.front().push_back(printable(text_at(column, "label"), kCellWidth));
    widths.push_back(lines.front().back().size());
  }
  for (const Json& row : cells) {
    auto& line = lines.emplace_back();
    for (const Json& cell : row.as_array()) {
      line.push_back(printable(std::string(cell.as_string()), kCellWidth));
      std::size_t& width = widths[line.size() - 1];
      width = std::max(width, line.back().size());
    }
  }
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += (i == 0 ? "  " : "   ") + line[i];
      if (i + 1 < line.size()) text.append(widths[i] - line[i].size(), ' ');
    }
    std::printf("%s\n", text.c_str());
  }
}

int print_answer(const Json& answer, bool json) {
  if (json) {
    print_json(answer);
    return 0;
  }
  std::printf("%s\n", printable(text_at(answer, "sentence"), 2'000).c_str());
  for (const Json& one : answer.as_object().at("respelt").as_array()) {
    std::fprintf(stderr, "(read \"%s\" as \"%s\")\n",
                 printable(text_at(one, "written"), 60).c_str(), text_at(one, "taken").c_str());
  }
  if (text_at(answer, "kind") != "answer") {
    for (const Json& one : answer.as_object().at("suggestions").as_array())
      std::printf("  %s\n", text_at(one, "example").c_str());
    return 0;
  }
  std::printf("\n");
  print_table(answer);
  const std::string period = text_at(answer, "period");
  std::printf("\n%s%scounted: %s\n", period.c_str(), period.empty() ? "" : "; ",
              text_at(answer, "population").c_str());
  const auto& query = answer.as_object().at("query");
  std::printf("%lld rows in %.0f ms, as of %s%s\n",
              static_cast<long long>(answer.as_object().at("row_count").to_number<std::int64_t>()),
              answer.as_object().at("elapsed_ms").to_number<double>(),
              text_at(answer, "as_of").c_str(), query.is_object() ? ", by:" : "");
  if (query.is_object()) std::printf("\n%s\n", text_at(query, "text").c_str());
  return 0;
}

// nullopt: no server owns the folder.
std::optional<Result<Json>> ask_server(const AskFlags& flags, const boost::json::object& body) {
  auto client = http::Client::unix_socket(OwnedFolder::control_socket(flags.folder.data));
  const auto answer = client.post("/api/v1/ask", boost::json::serialize(body));
  if (!answer) {
    if (answer.error().code == ErrorCode::unavailable) return std::nullopt;
    return Result<Json>(fail(answer.error()));
  }
  auto parsed = parse_exactly(answer->body);
  Json value = parsed ? std::move(*parsed) : Json();
  if (!value.is_object())
    return Result<Json>(fail(ErrorCode::unavailable, "the server gave no answer"));
  if (answer->status == 200) return Result<Json>(std::move(value));
  const ErrorCode code = answer->status == 400   ? ErrorCode::invalid
                         : answer->status == 504 ? ErrorCode::timeout
                                                 : ErrorCode::unavailable;
  return Result<Json>(fail(code, text_at(value, "detail"), text_at(value, "code")));
}

int ask(const AskFlags& flags, bool json) {
  boost::json::object body{{"question", flags.question}};
  if (!flags.at.empty()) body["at"] = flags.at;
  if (const auto answer = ask_server(flags, body))
    return *answer ? print_answer(**answer, json) : report(answer->error());
  return with_session(flags.folder, "ask", body,
                      [&](const Json& answer) { return print_answer(answer, json); });
}

}  // namespace

void add_ask(CommandLine& line) {
  auto flags = std::make_shared<AskFlags>();
  CLI::App* command = line.app.add_subcommand(
      "ask", "Ask in plain words; the answer comes with its query, period and population");
  command->add_option("question", flags->question, "What you want to know")->required();
  command->add_option("--at", flags->at, "As of this time");
  add_folder_flags(*command, flags->folder, false);
  add_json_flag(*command, line);
  add_examples(*command,
               "  tideline ask \"how many customers are at risk\" --data demo\n"
               "  tideline ask \"revenue by month\" --data demo\n"
               "  tideline ask \"what can I ask\" --data demo");
  command->callback(
      [&line, flags] { line.action = [&line, flags] { return ask(*flags, line.json); }; });
}

}  // namespace tideline
