// features: the features of every customer as of a time, into a file.
#include <cmath>
#include <fstream>
#include <set>

#include "adapters/duckdb/parquet_writer.h"
#include "adapters/duckdb/result_format.h"
#include "app/customer_rows.h"
#include "app/operations.h"
#include "features/compute.h"

namespace tideline {
namespace {

std::string number_text(double value) {
  std::string text;
  if (std::isfinite(value)) append_number(text, value);
  return text;
}

// Rows of customer_id, as_of, the features, coverage, in one of three forms.
class FeatureFile {
 public:
  static Result<std::unique_ptr<FeatureFile>> open(const Pack& pack, const std::string& path,
                                                   const std::string& format) {
    std::unique_ptr<FeatureFile> file(new FeatureFile(pack, path, format));
    if (format == "parquet") {
      ParquetWriterOptions options;
      options.path = path;
      options.columns = {{"customer_id", ColumnType::text}, {"as_of", ColumnType::time}};
      for (const auto& feature : pack.features())
        options.columns.push_back({feature.name, ColumnType::number});
      options.columns.push_back({"coverage", ColumnType::number});
      TRY_ASSIGN(file->parquet_, ParquetWriter::open(options));
      return file;
    }
    if (format != "csv" && format != "json") {
      return fail(ErrorCode::invalid, "no format " + format + "; there are csv, json and parquet",
                  "bad_argument");
    }
    file->out_.open(path, std::ios::trunc | std::ios::binary);
    if (!file->out_) return fail(ErrorCode::io_failed, "cannot write " + path);
    file->begin();
    return file;
  }

  Status add(const CustomerId& customer, Time as_of, const FeatureVector& features) {
    ++rows_;
    if (parquet_) {
      std::vector<Cell> row = {customer.str(), as_of};
      for (const double x : features.values) {
        std::isfinite(x) ? row.emplace_back(x) : row.emplace_back();
      }
      row.emplace_back(features.coverage);
      return parquet_->append(std::span(&row, 1));
    }
    if (format_ == "csv") {
      std::string id;
      append_csv_cell(id, customer.str(), ResultKind::text);
      out_ << id << ',' << format_time(as_of);
      for (const double x : features.values) out_ << ',' << number_text(x);
      out_ << ',' << number_text(features.coverage) << '\n';
      return {};
    }
    std::string id;
    append_json_text(id, customer.str());
    out_ << (rows_ > 1 ? ",\n" : "\n") << R"({"customer_id":)" << id << R"(,"as_of":")"
         << format_time(as_of) << '"';
    for (std::size_t i = 0; i < features.values.size(); ++i) {
      const double x = features.values[i];
      out_ << ",\"" << pack_.features()[i].name
           << "\":" << (std::isfinite(x) ? number_text(x) : "null");
    }
    out_ << ",\"coverage\":" << number_text(features.coverage) << '}';
    return {};
  }

  Status end() {
    if (parquet_) return parquet_->finish();
    if (format_ == "json") out_ << "\n]\n";
    out_.close();
    if (!out_) return fail(ErrorCode::io_failed, "cannot write " + path_);
    return {};
  }

  [[nodiscard]] std::uint64_t rows() const { return rows_; }

 private:
  FeatureFile(const Pack& pack, std::string path, std::string format)
      : pack_(pack), path_(std::move(path)), format_(std::move(format)) {}
  void begin() {
    if (format_ == "json") {
      out_ << '[';
      return;
    }
    out_ << "customer_id,as_of";
    for (const auto& feature : pack_.features()) out_ << ',' << feature.name;
    out_ << ",coverage\n";
  }

  const Pack& pack_;
  std::string path_;
  std::string format_;
  std::ofstream out_;
  std::unique_ptr<ParquetWriter> parquet_;
  std::uint64_t rows_ = 0;
};

}  // namespace

Result<Json> write_features(const OperationContext& context,
                            const boost::json::object& arguments) {
  Engine& engine = context.engine;
  const Pack& pack = engine.pack();
  TRY_ASSIGN(const auto at, times_argument(arguments, "at"));
  TRY_ASSIGN(const auto customers, list_argument(arguments, "customers"));
  TRY_ASSIGN(const auto path, text_argument(arguments, "path"));
  TRY_ASSIGN(const auto format, text_argument(arguments, "format"));
  if (!path) return fail(ErrorCode::invalid, "no path to write to", "bad_argument");
  const std::set<std::string> wanted(customers.begin(), customers.end());
  TRY_ASSIGN(const auto file, FeatureFile::open(pack, *path, format.value_or("csv")));

  const auto add = [&](const CustomerId& customer, const CustomerState& state, Time t) -> Status {
    if (!has_row(state, t)) return {};
    return file->add(customer, t, compute_features(pack, state, t));
  };
  if (at.empty() || engine.as_of()) {
    if (!engine.as_of()) TRY(engine.processor().wait_idle(std::chrono::minutes(10)));
    const Time now = engine.now().now();
    std::optional<Error> failed;
    TRY(engine.served_state().scan(
        Family::customers, "", "", [&](std::string_view key, std::string_view value) {
          if (!wanted.empty() && !wanted.contains(std::string(key))) return true;
          const auto state = CustomerState::decode(pack, value);
          const Status added =
              state ? add(CustomerId(std::string(key)), *state, now) : fail(state.error());
          if (!added) failed = added.error();
          return !failed;
        }));
    if (failed) return fail(*failed);
  } else {
    TRY(engine.flush_lake(false));
    TRY(visit_pasts(engine.state(), engine.lake(), pack, at.back(),
                    [&](CustomerPast& past) -> Result<bool> {
                      if (!wanted.empty() && !wanted.contains(past.customer.str())) return true;
                      for (const Time t : at) TRY(add(past.customer, state_at(pack, past, t), t));
                      return true;
                    }));
  }
  TRY(file->end());
  return boost::json::object{{"rows", file->rows()}, {"path", *path}};
}

}  // namespace tideline
