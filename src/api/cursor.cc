#include "api/cursor.h"

#include "api/base64.h"
#include "base/bytes.h"
#include "base/hash.h"

namespace tideline {
namespace {

std::string check_of(std::string_view list, std::string_view place) {
  ByteWriter text;
  text.text("tideline cursor 1");
  text.text(list);
  text.text(place);
  return big_endian(xxh3_128(text.bytes()).low);
}

}  // namespace

std::string make_cursor(std::string_view list, std::string_view place) {
  return base64url_encode(check_of(list, place) + std::string(place));
}

Result<std::string> read_cursor(std::string_view list, std::string_view cursor) {
  const auto bytes = base64_decode(cursor);
  constexpr std::size_t kCheck = 8;
  if (bytes && bytes->size() >= kCheck) {
    std::string place = bytes->substr(kCheck);
    // Several texts may stand for the same bytes; only the one that was given out is taken.
    if (check_of(list, place) == bytes->substr(0, kCheck) && make_cursor(list, place) == cursor)
      return place;
  }
  return fail(ErrorCode::invalid,
              "the cursor is not one of this list and order; begin without cursor", "bad_cursor");
}

}  // namespace tideline
