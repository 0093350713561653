// What every simulator does to the rows of its files: hash them, and make some late, double or
// broken.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/event.h"
#include "simulator/disturbance.h"

namespace tideline {

// Hash of rows one after the other, whatever blocks they came in.
class RowHash {
 public:
  void add(std::string_view row);
  void add(const Event& event);
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::string hex() const;  // 16 digits

 private:
  std::uint64_t value_ = 0;
  std::uint64_t rows_ = 0;
  std::string row_;
};

// Disturbs a file's blocks, one after the other, and counts what it did.
class FileDisturber {
 public:
  // All arguments must outlive the object.
  FileDisturber(const DisturbanceOptions& options, Time end, SentCounts& counts)
      : options_(options), end_(end), counts_(counts) {}

  void disturb(std::vector<Event>& block);

 private:
  void disturb_one(Event& event);

  const DisturbanceOptions& options_;
  Time end_;
  SentCounts& counts_;
  std::vector<Event> again_;  // for the next block
};

}  // namespace tideline
