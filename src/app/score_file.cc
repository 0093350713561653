#include "app/score_file.h"

#include <charconv>
#include <filesystem>

#include "adapters/duckdb/result_format.h"
#include "base/hash.h"

namespace tideline {
namespace {

// Of a tier why it is that one is no reason to show; of no score it is.
std::string reason_of(const Prediction& p) {
  return p.status == ScoreStatus::scored ? "" : p.reason;
}

}  // namespace

ScoreFile::ScoreFile(std::string path, std::vector<std::string> tasks, bool with_tiers)
    : path_(std::move(path)), tasks_(std::move(tasks)), with_tiers_(with_tiers) {}

ScoreFile::~ScoreFile() {
  std::error_code ignored;
  if (out_.is_open()) std::filesystem::remove(unfinished(), ignored);
}

Result<std::unique_ptr<ScoreFile>> ScoreFile::open(const std::string& path,
                                                   std::vector<std::string> tasks,
                                                   bool with_tiers) {
  std::unique_ptr<ScoreFile> file(new ScoreFile(path, std::move(tasks), with_tiers));
  std::vector<std::string> after = {"status", "reason", "model_version"};
  if (with_tiers) after.insert(after.begin(), "tier");
  if (path.ends_with(".parquet")) {
    ParquetWriterOptions options;
    options.path = path;
    options.columns = {{"customer_id", ColumnType::text}, {"as_of", ColumnType::time}};
    for (const auto& task : file->tasks_) options.columns.push_back({task, ColumnType::number});
    for (const auto& name : after) options.columns.push_back({name, ColumnType::text});
    TRY_ASSIGN(file->parquet_, ParquetWriter::open(options));
    return file;
  }
  if (!path.ends_with(".csv")) {
    return fail(ErrorCode::invalid, "--out ends in .csv or .parquet, not as " + path + " does",
                "bad_argument");
  }
  file->out_.open(file->unfinished(), std::ios::trunc | std::ios::binary);
  if (!file->out_) return fail(ErrorCode::io_failed, "cannot write " + path);
  std::string head = "customer_id,as_of";
  for (const auto& names : {file->tasks_, after}) {
    for (const std::string& name : names) {
      head += ',';
      append_csv_cell(head, name, ResultKind::text);
    }
  }
  file->out_ << head << '\n';
  return file;
}

Status ScoreFile::add(std::span<const ScoredRow> rows) {
  rows_ += rows.size();
  for (const ScoredRow& row : rows)
    scored_ += row.prediction.status == ScoreStatus::scored ? 1 : 0;
  return parquet_ ? add_parquet(rows) : add_csv(rows);
}

Status ScoreFile::end() {
  if (parquet_) return parquet_->finish();
  out_.close();
  std::error_code error;
  if (out_) std::filesystem::rename(unfinished(), path_, error);
  if (!out_ || error) return fail(ErrorCode::io_failed, "cannot write " + path_);
  return {};
}

Status ScoreFile::add_parquet(std::span<const ScoredRow> rows) {
  std::size_t column = 0;
  const auto text = [&](std::string_view t) {
    if (t.empty()) return parquet_->set_null(column++);
    parquet_->set_text(column++, t);
  };
  for (const ScoredRow& row : rows) {
    const Prediction& p = row.prediction;
    column = 0;
    text(row.customer);
    row.as_of ? parquet_->set_time(column++, *row.as_of) : parquet_->set_null(column++);
    for (const auto& figure : p.figures)
      figure ? parquet_->set_number(column++, *figure) : parquet_->set_null(column++);
    if (with_tiers_) text(p.tier);
    text(name_of(p.status));
    text(reason_of(p));
    text(p.model_version);
    TRY(parquet_->end_row());
  }
  return {};
}

Status ScoreFile::add_csv(std::span<const ScoredRow> rows) {
  std::string text;
  const auto cell = [&](const std::string& content) {
    text += ',';
    if (!content.empty()) append_csv_cell(text, content, ResultKind::text);
  };
  for (const ScoredRow& row : rows) {
    const Prediction& p = row.prediction;
    if (!row.customer.empty()) append_csv_cell(text, row.customer, ResultKind::text);
    text += ',' + (row.as_of ? format_time(*row.as_of) : std::string());
    for (const auto& figure : p.figures) {
      text += ',';
      if (figure) append_number(text, *figure);
    }
    if (with_tiers_) cell(p.tier);
    cell(std::string(name_of(p.status)));
    cell(reason_of(p));
    cell(p.model_version);
    text += '\n';
  }
  out_ << text;
  if (!out_) return fail(ErrorCode::io_failed, "cannot write " + path_);
  return {};
}

bool ScorePart::holds(const std::string& customer, std::uint64_t row) const {
  return count == 1 || (customer.empty() ? row : xxh64(customer)) % count == index;
}

Result<ScorePart> parse_part(const std::optional<std::string>& text) {
  ScorePart part;
  if (!text) return part;
  std::uint64_t number = 0;
  const char* end = text->data() + text->size();
  const auto first = std::from_chars(text->data(), end, number);
  const bool slash = first.ec == std::errc{} && first.ptr != end && *first.ptr == '/';
  const auto second = slash ? std::from_chars(first.ptr + 1, end, part.count) : first;
  if (!slash || second.ec != std::errc{} || second.ptr != end || number < 1 ||
      number > part.count) {
    return fail(ErrorCode::invalid, "--part is I/N, from 1/N to N/N, not " + *text,
                "bad_argument");
  }
  part.index = number - 1;
  return part;
}

}  // namespace tideline
