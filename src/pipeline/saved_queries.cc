#include "pipeline/saved_queries.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/bytes.h"

namespace tideline {
namespace {

constexpr std::string_view kPrefix = "query";

std::string key_of(const std::string& id) { return std::string(kPrefix) + id; }

std::string encode(const SavedQuery& query) {
  ByteWriter out;
  out.text(query.name);
  out.text(query.sql);
  out.time(query.changed);
  return out.take();
}

Result<SavedQuery> decode(std::string_view key, std::string_view bytes) {
  ByteReader in(bytes);
  SavedQuery query{std::string(key.substr(kPrefix.size())), in.text(), in.text(), in.time()};
  if (!in.done()) return fail(ErrorCode::corrupt, "the saved query " + query.id + " is damaged");
  return query;
}

Error missing(const std::string& id) {
  return Error{ErrorCode::not_found, "there is no saved query " + id, "no_query"};
}

}  // namespace

Result<std::vector<SavedQuery>> SavedQueries::list() {
  std::vector<SavedQuery> queries;
  std::optional<Error> broken;
  TRY(store_.scan(Family::saved, kPrefix, prefix_end(std::string(kPrefix)),
                  [&](std::string_view key, std::string_view value) {
                    auto query = decode(key, value);
                    if (!query) {
                      broken = query.error();
                      return false;
                    }
                    queries.push_back(std::move(*query));
                    return true;
                  }));
  if (broken) return fail(*broken);
  std::sort(queries.begin(), queries.end(), [](const SavedQuery& a, const SavedQuery& b) {
    return std::tie(a.name, a.id) < std::tie(b.name, b.id);
  });
  return queries;
}

Result<SavedQuery> SavedQueries::find(const std::string& id) {
  TRY_ASSIGN(const auto value, store_.get(Family::saved, key_of(id)));
  if (!value) return fail(missing(id));
  return decode(key_of(id), *value);
}

Result<SavedQuery> SavedQueries::save(const std::string& id, const std::string& name,
                                      const std::string& sql) {
  if (name.empty() || sql.empty())
    return fail(ErrorCode::invalid, "a saved query has a name and a query", "bad_parameter");
  if (name.size() > kNameBytesMax || sql.size() > kSqlBytesMax) {
    return fail(ErrorCode::too_large,
                "a saved query's name has at most " + std::to_string(kNameBytesMax) +
                    " bytes, its text " + std::to_string(kSqlBytesMax),
                "too_large");
  }
  TRY_ASSIGN(const auto known, store_.get(Family::saved, key_of(id)));
  if (!known) {
    TRY_ASSIGN(const auto all, list());
    if (all.size() >= kCountMax)
      return fail(ErrorCode::too_large, "there are 1,000 saved queries already", "too_large");
  }
  SavedQuery query{id, name, sql, clock_.now()};
  WriteBatch batch;
  batch.put(Family::saved, key_of(id), encode(query));
  TRY(store_.write(batch, Durability::now));
  return query;
}

Status SavedQueries::remove(const std::string& id) {
  TRY_ASSIGN(const auto known, store_.get(Family::saved, key_of(id)));
  if (!known) return fail(missing(id));
  WriteBatch batch;
  batch.remove(Family::saved, key_of(id));
  return store_.write(batch, Durability::now);
}

}  // namespace tideline
