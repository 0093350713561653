// FactPile: events of many customers, put on a pile in any order and taken off a customer at a
// time.
//
// The pile is kept in parts by the hash of the customer, small enough to be worked through from
// the processor's caches. Once all of it together is too large for memory, parts go into files of
// the scratch folder. Taking off holds one part in memory.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "domain/event.h"

namespace tideline {

class FactPile {
 public:
  struct Options {
    std::uint64_t events = 0;     // about how many will come
    FileSystem* files = nullptr;  // null: all of it stays in memory
    std::string scratch;          // a folder; made when missing
    std::size_t memory_bytes = 128 << 20;
  };
  // The facts of one customer; they hold until the visitor returns.
  using Visitor = std::function<Status(std::span<const EventFacts>)>;

  explicit FactPile(Options options);
  ~FactPile();  // removes its files

  Status put(const EventFacts& facts);
  // Visits every customer once, each with its events in the order of put(). Empties the pile.
  Status take_all(const Visitor& visit);

 private:
  struct Part;
  Status spill(Part& part, std::size_t number);
  Status take(Part& part, const Visitor& visit);

  Options options_;
  std::vector<Part> parts_;
  std::size_t in_memory_ = 0;  // bytes of all parts
};

}  // namespace tideline
