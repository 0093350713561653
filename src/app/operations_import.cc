// import: files, by name or through a map, into the folder.
#include <filesystem>
#include <fstream>

#include "adapters/duckdb/import_reader.h"
#include "adapters/duckdb/line_reader.h"
#include "app/interrupt_watch.h"
#include "app/operations.h"
#include "app/pack_files.h"
#include "config/import_map.h"

namespace tideline {
namespace fs = std::filesystem;
namespace {

struct ImportRequest {
  std::vector<std::string> files;  // sorted
  std::optional<ImportMap> map;
  ImportIdentity identity;
};

// Hash of the bytes of a file.
Result<Hash128> hash_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::not_found, "cannot read " + path, "not_found");
  Hasher128 hasher;
  std::vector<char> buffer(1 << 20);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    hasher.add({buffer.data(), static_cast<std::size_t>(in.gcount())});
  }
  if (in.bad()) return fail(ErrorCode::io_failed, "cannot read " + path);
  return hasher.finish();
}

Result<ImportRequest> read_request(const OperationContext& context,
                                   const boost::json::object& arguments) {
  ImportRequest request;
  TRY_ASSIGN(request.files, list_argument(arguments, "files"));
  TRY_ASSIGN(const auto map_file, text_argument(arguments, "map"));
  TRY_ASSIGN(const auto source, text_argument(arguments, "source"));
  if (request.files.empty()) return fail(ErrorCode::invalid, "no file to import", "no_files");
  std::sort(request.files.begin(), request.files.end());

  // The ledger's key: contents and names of the files, the map, the source.
  ByteWriter content;
  if (map_file) {
    TRY_ASSIGN(const std::string text, read_file(*map_file));
    TRY_ASSIGN(request.map, parse_import_map(text, *map_file));
    const std::string folder_pack = context.engine.pack().name();
    if (request.map->pack != folder_pack) {
      return fail(ErrorCode::refused,
                  *map_file + " is for the pack " + request.map->pack +
                      "; this folder belongs to " + folder_pack,
                  "other_pack");
    }
    content.text(text);
  }
  for (const std::string& file : request.files) {
    TRY_ASSIGN(const Hash128 hash, hash_file(file));
    content.text(fs::path(file).filename().string());
    content.hash(hash);
  }
  request.identity.content = xxh3_128(content.bytes());
  request.identity.name = request.files.size() == 1
                              ? request.files[0]
                              : std::to_string(request.files.size()) + " files";
  request.identity.source = SourceId(source        ? *source
                                     : request.map ? request.map->source
                                                   : "import");
  return request;
}

Importer::OnProgress progress_of(const OperationContext& context, const std::string& name) {
  return [&context, name](const ImportProgress& progress) {
    if (!context.progress) return true;
    if (progress.archiving) return context.progress({"writing the lake", -1, ""});
    const double share = progress.rows_total > 0 ? static_cast<double>(progress.rows) /
                                                       static_cast<double>(progress.rows_total)
                                                 : -1;
    return context.progress({"importing " + name, share, std::to_string(progress.rows) + " rows"});
  };
}

Result<ImportCounts> import_table(const OperationContext& context, const ImportRequest& request) {
  Importer& importer = context.engine.importer();
  TRY_ASSIGN(const auto done, importer.rows_done(request.identity));
  if (!done) return importer.done_before(request.identity);
  ImportReaderOptions options;
  if (request.map) {
    TRY_ASSIGN(options.tables, assign_files(*request.map, request.files));
    options.select = request.map->select;
  } else {
    options.files = request.files;
  }
  options.temp_folder = context.engine.folder().scratch();
  options.skip_rows = *done;
  // Sorting a large file takes long before the first row comes; Ctrl-C ends that too.
  std::stop_source stop;
  options.stop = stop.get_token();
  const InterruptWatch watch([&] { stop.request_stop(); });
  std::error_code error;
  fs::create_directories(options.temp_folder, error);
  if (context.progress) context.progress({"reading " + request.identity.name, -1, ""});
  TRY_ASSIGN(const auto rows, DuckImportRows::open(options));
  return importer.import_rows(request.identity, *rows,
                              progress_of(context, request.identity.name));
}

Result<ImportCounts> import_ndjson(const OperationContext& context, const ImportRequest& request) {
  LineReaderOptions options;
  options.path = request.files[0];
  TRY_ASSIGN(const auto lines, LineReader::open(options));
  return context.engine.importer().import_lines(request.identity, *lines,
                                                progress_of(context, request.identity.name));
}

Json to_json(const ImportCounts& counts) {
  const Totals& totals = counts.totals;
  boost::json::object codes;
  for (const auto& [code, count] : codes_of(totals)) codes[code] = count;
  return boost::json::object{
      {"received", totals.received},           {"applied", totals.applied},
      {"late_applied", totals.late_applied},   {"duplicate", totals.duplicate},
      {"dead_lettered", totals.dead_lettered}, {"codes", std::move(codes)},
      {"already_done", counts.already_done}};
}

// Dates that many rounds wrote into get one file each: whoever reads the lake opens fewer. The
// import has succeeded without it.
void settle(const OperationContext& context) {
  if (context.progress) context.progress({"merging files of the lake", -1, ""});
  if (auto done = context.engine.settle_lake(); !done)
    context.engine.logger().error("merging files of the lake failed", done.error());
}

}  // namespace

Result<Json> import_files(const OperationContext& context, const boost::json::object& arguments) {
  if (context.engine.as_of())
    return fail(ErrorCode::refused, "time stands still in this server; nothing is taken in");
  TRY_ASSIGN(ImportRequest request, read_request(context, arguments));
  if (request.map) {
    TRY_ASSIGN(const ImportCounts counts, import_table(context, request));
    settle(context);
    return to_json(counts);
  }
  // NDJSON files one by one, the tables together.
  ImportCounts sum;
  sum.already_done = true;
  std::vector<std::string> tables;
  const auto add = [&](const ImportCounts& counts) {
    sum.totals.add(counts.totals);
    sum.already_done = sum.already_done && counts.already_done;
  };
  for (const std::string& file : request.files) {
    TRY_ASSIGN(const ImportFile kind, recognise_file(file));
    if (kind.format != ImportFormat::ndjson) {
      tables.push_back(file);
      continue;
    }
    boost::json::object one = arguments;
    one["files"] = boost::json::array{file};
    TRY_ASSIGN(const ImportRequest part, read_request(context, one));
    TRY_ASSIGN(const ImportCounts counts, import_ndjson(context, part));
    add(counts);
  }
  if (!tables.empty()) {
    boost::json::object rest = arguments;
    rest["files"] = boost::json::array(tables.begin(), tables.end());
    TRY_ASSIGN(const ImportRequest part, read_request(context, rest));
    TRY_ASSIGN(const ImportCounts counts, import_table(context, part));
    add(counts);
  }
  settle(context);
  return to_json(sum);
}

}  // namespace tideline
