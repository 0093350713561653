// ObservationPile: observations of many customers, put on a pile in any order and taken off a
// customer at a time.
//
// The pile is kept in parts by the hash of the customer, small enough to be worked through from
// the processor's caches. Once all of it together is too large for memory, parts go into files of
// the scratch folder. Taking off holds one part in memory.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "features/observation.h"

namespace tideline {

class ObservationPile {
 public:
  struct Options {
    std::uint64_t observations = 0;  // about how many will come
    FileSystem* files = nullptr;     // null: all of it stays in memory
    std::string scratch;             // a folder; made when missing
    std::size_t memory_bytes = 256 << 20;
  };
  // A customer and its observations; they hold until the visitor returns.
  using Visitor = std::function<Status(std::string_view, std::span<const Observation>)>;

  explicit ObservationPile(Options options);
  ~ObservationPile();  // removes its files

  Status put(std::string_view customer, const Observation& observation);
  // Visits every customer once, each with its observations in the order of put(). Empties the
  // pile.
  Status take_all(const Visitor& visit);

 private:
  struct Chunk;
  struct Part;
  class Taking;
  // The chunk at the end of a part, with room for so many bytes.
  Chunk& chunk_for(Part& part, std::size_t size);
  Status spill(Part& part, std::size_t number);
  Status take(Part& part, Taking& taking, const Visitor& visit);

  Options options_;
  std::vector<Part> parts_;
  std::vector<Chunk> spare_;   // empty ones, used again
  std::size_t in_memory_ = 0;  // bytes of all parts
};

}  // namespace tideline
