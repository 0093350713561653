#include "pipeline/saved_views.h"

#include <algorithm>

#include "base/bytes.h"
#include "pipeline/records.h"

namespace tideline {
namespace {

constexpr std::string_view kPrefix = "view/";
constexpr std::size_t kNameMax = 80;  // bytes
constexpr std::size_t kSearchMax = 4096;
constexpr std::size_t kOfOneOwnerMax = 200;

std::string key_of(const std::string& id) { return std::string(kPrefix) + id; }

std::string encode(const SavedView& view) {
  ByteWriter out;
  out.text(view.id);
  out.text(view.name);
  out.text(view.screen);
  out.varint(view.search.size());
  for (const auto& [key, value] : view.search) {
    out.text(key);
    out.text(value);
  }
  out.u8(view.shared);
  out.text(view.owner);
  out.time(view.saved);
  return out.take();
}

Result<SavedView> decode_view(std::string_view bytes) {
  ByteReader in(bytes);
  SavedView view;
  view.id = in.text();
  view.name = in.text();
  view.screen = in.text();
  const std::uint64_t pairs = in.varint();
  for (std::uint64_t i = 0; i < pairs && in.ok(); ++i) {
    const std::string key = in.text();
    view.search[key] = in.text();
  }
  view.shared = in.u8();
  view.owner = in.text();
  view.saved = in.time();
  if (!in.done()) return fail(ErrorCode::corrupt, "a saved view cannot be read");
  return view;
}

std::size_t bytes_of(const std::map<std::string, std::string>& search) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : search) bytes += key.size() + value.size();
  return bytes;
}

Result<std::vector<SavedView>> all_views(StateStore& store) {
  std::vector<SavedView> views;
  std::optional<Error> broken;
  TRY(store.scan(Family::saved, kPrefix, prefix_end(kPrefix),
                 [&](std::string_view, std::string_view value) {
                   auto view = decode_view(value);
                   if (!view) {
                     broken = view.error();
                     return false;
                   }
                   views.push_back(std::move(*view));
                   return true;
                 }));
  if (broken) return fail(*broken);
  return views;
}

}  // namespace

Result<std::vector<SavedView>> SavedViews::list(const std::string& user) {
  TRY_ASSIGN(auto views, all_views(store_));
  std::erase_if(views, [&](const SavedView& view) { return !view.shared && view.owner != user; });
  std::sort(views.begin(), views.end(), [](const SavedView& a, const SavedView& b) {
    return std::tie(a.name, a.id) < std::tie(b.name, b.id);
  });
  return views;
}

Result<SavedView> SavedViews::save(SavedView view) {
  if (view.name.empty() || view.name.size() > kNameMax) {
    return fail(ErrorCode::invalid, "a view's name has 1 to 80 bytes", "bad_parameter");
  }
  if (bytes_of(view.search) > kSearchMax) {
    return fail(ErrorCode::invalid, "a view's search has at most 4096 bytes", "bad_parameter");
  }
  TRY_ASSIGN(const auto views, all_views(store_));
  const auto own = std::count_if(views.begin(), views.end(), [&](const SavedView& known) {
    return known.owner == view.owner;
  });
  if (static_cast<std::size_t>(own) >= kOfOneOwnerMax) {
    return fail(ErrorCode::conflict, "there are 200 saved views; delete one first",
                "too_many_views");
  }
  view.saved = clock_.now();
  WriteBatch writes;
  writes.put(Family::saved, key_of(view.id), encode(view));
  TRY(store_.write(writes, Durability::now));
  return view;
}

Status SavedViews::remove(const std::string& id, const std::string& user) {
  TRY_ASSIGN(const auto view, load<SavedView>(store_, Family::saved, key_of(id), decode_view));
  if (!view || (!view->shared && view->owner != user)) {
    return fail(ErrorCode::not_found, "no such view", "unknown_view");
  }
  if (view->owner != user) {
    return fail(ErrorCode::refused, "only who saved a view may delete it", "not_yours");
  }
  WriteBatch writes;
  writes.remove(Family::saved, key_of(id));
  return store_.write(writes, Durability::now);
}

}  // namespace tideline
