#include "scoring/ubjson.h"

#include <bit>
#include <cstdint>
#include <optional>
#include <string>

#include <boost/json.hpp>

namespace tideline {
namespace {

namespace json = boost::json;

constexpr int kDepthMax = 32;

class UbjsonReader {
 public:
  explicit UbjsonReader(std::string_view bytes) : bytes_(bytes) {}

  Result<json::value> document() {
    TRY_ASSIGN(const char marker, next_marker());
    TRY_ASSIGN(json::value value, value_of(marker, 0));
    while (at_ < bytes_.size() && bytes_[at_] == 'N') ++at_;
    if (at_ != bytes_.size()) return bad("bytes after the end");
    return value;
  }

 private:
  struct Header {  // of a container: [$type#count
    std::optional<char> type;
    std::optional<std::size_t> count;
  };

  tl::unexpected<Error> bad(const std::string& what) const {
    return fail(ErrorCode::invalid, "not UBJSON: " + what + " at byte " + std::to_string(at_),
                "malformed_ubjson");
  }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }

  Result<char> next_marker() {
    while (left() > 0 && bytes_[at_] == 'N') ++at_;  // no-operation
    if (left() == 0) return bad("the end is missing");
    return bytes_[at_++];
  }

  // Big-endian.
  template <class T>
  Result<T> number() {
    if (left() < sizeof(T)) return bad("a number is cut");
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bits = bits << 8U | static_cast<unsigned char>(bytes_[at_++]);
    }
    if constexpr (std::is_same_v<T, float>) {
      return std::bit_cast<float>(std::uint32_t(bits));
    } else if constexpr (std::is_same_v<T, double>) {
      return std::bit_cast<double>(bits);
    } else {
      return static_cast<T>(bits);
    }
  }
  template <class T, class As>
  Result<json::value> number_as() {
    TRY_ASSIGN(const T value, number<T>());
    return json::value(As(value));
  }

  Result<std::int64_t> whole(char marker) {
    switch (marker) {
      case 'i': return number<std::int8_t>();
      case 'U': return number<std::uint8_t>();
      case 'I': return number<std::int16_t>();
      case 'l': return number<std::int32_t>();
      case 'L': return number<std::int64_t>();
      default: return bad("a length is no whole number");
    }
  }
  Result<std::size_t> length() {
    TRY_ASSIGN(const char marker, next_marker());
    TRY_ASSIGN(const std::int64_t count, whole(marker));
    // Everything that is counted takes a byte at least.
    if (count < 0 || std::uint64_t(count) > left()) return bad("a length is too large");
    return std::size_t(count);
  }
  Result<std::string_view> text() {
    TRY_ASSIGN(const std::size_t size, length());
    const std::string_view found = bytes_.substr(at_, size);
    at_ += size;
    return found;
  }

  Result<json::value> value_of(char marker, int depth) {
    if (depth > kDepthMax) return bad("nested too deep");
    switch (marker) {
      case 'Z': return json::value(nullptr);
      case 'T': return json::value(true);
      case 'F': return json::value(false);
      case 'd': return number_as<float, double>();
      case 'D': return number_as<double, double>();
      case 'i':
      case 'U':
      case 'I':
      case 'l':
      case 'L': {
        TRY_ASSIGN(const std::int64_t value, whole(marker));
        return json::value(value);
      }
      case 'C': {
        if (left() == 0) return bad("a character is cut");
        return json::value(json::string(1, bytes_[at_++]));
      }
      case 'S': {
        TRY_ASSIGN(const std::string_view value, text());
        return json::value(value);
      }
      case '[': return array(depth);
      case '{': return object(depth);
      default: return bad("unknown marker");
    }
  }

  Result<Header> header() {
    Header found;
    if (left() > 0 && bytes_[at_] == '$') {
      ++at_;
      if (left() == 0) return bad("a type is missing");
      found.type = bytes_[at_++];
      // Types without bytes of their own would let a count promise anything.
      if (std::string_view("iUIlLdDCS[{").find(*found.type) == std::string_view::npos) {
        return bad("a container of an unknown type");
      }
      if (left() == 0 || bytes_[at_] != '#') return bad("a type without a count");
    }
    if (left() > 0 && bytes_[at_] == '#') {
      ++at_;
      TRY_ASSIGN(found.count, length());
    }
    return found;
  }
  // Bytes of a number; 0 of everything else.
  static std::size_t width_of(char marker) {
    switch (marker) {
      case 'i':
      case 'U': return 1;
      case 'I': return 2;
      case 'l':
      case 'd': return 4;
      case 'L':
      case 'D': return 8;
      default: return 0;
    }
  }
  Result<json::value> element(const Header& header, int depth) {
    if (header.type) return value_of(*header.type, depth + 1);
    TRY_ASSIGN(const char marker, next_marker());
    return value_of(marker, depth + 1);
  }
  // A container without a count ends with a marker.
  bool ends(const Header& header, std::size_t seen, char closing) {
    if (header.count) return seen == *header.count;
    while (left() > 0 && bytes_[at_] == 'N') ++at_;
    if (left() == 0 || bytes_[at_] != closing) return false;
    ++at_;
    return true;
  }

  Result<json::value> array(int depth) {
    TRY_ASSIGN(const Header head, header());
    json::array values;
    if (const std::size_t width = head.type ? width_of(*head.type) : 0; width > 0) {
      if (*head.count > left() / width) return bad("a length is too large");
      values.reserve(*head.count);
    }
    while (!ends(head, values.size(), ']')) {
      TRY_ASSIGN(json::value value, element(head, depth));
      values.push_back(std::move(value));
    }
    return json::value(std::move(values));
  }
  Result<json::value> object(int depth) {
    TRY_ASSIGN(const Header head, header());
    json::object values;
    std::size_t seen = 0;
    for (; !ends(head, seen, '}'); ++seen) {
      TRY_ASSIGN(const std::string_view key, text());
      TRY_ASSIGN(json::value value, element(head, depth));
      values.insert_or_assign(key, std::move(value));
    }
    return json::value(std::move(values));
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace

Result<json::value> parse_ubjson(std::string_view bytes) { return UbjsonReader(bytes).document(); }

}  // namespace tideline
