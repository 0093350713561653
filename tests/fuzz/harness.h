// Fuzz harnesses: functions over any bytes that end the process when a promise is broken.
//
// `make fuzz` builds each into a libFuzzer program with clang, under ASan and UBSan; `make test`
// builds the same functions with the ordinary compiler and runs them over the kept corpora.
#pragma once

#include <cstdint>
#include <string_view>

namespace tideline::fuzz {

// Takes choices from the front of the bytes; zeros when they are used up.
class Input {
 public:
  explicit Input(std::string_view bytes) : rest_(bytes) {}
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  std::uint32_t word() {
    std::uint32_t word = byte();
    for (int i = 1; i < 4; ++i) word = word << 8 | byte();
    return word;
  }
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// One a harness; each says above its body what must hold.
void json_event(std::string_view bytes);
void lines(std::string_view bytes);
void inflate(std::string_view bytes);
void http_head(std::string_view bytes);
void query(std::string_view bytes);
void pack(std::string_view bytes);
void log_record(std::string_view bytes);
void log_folder(std::string_view bytes);
void state_record(std::string_view bytes);
void model_manifest(std::string_view bytes);
void csv_map(std::string_view bytes);
void xgboost_model(std::string_view bytes);

}  // namespace tideline::fuzz
