// Threads and memory with which DuckDB can sort rows of a given width.
//
// Its sort spills, but holds some 120,000 rows of each thread at a time; where these do not fit it
// ends with "failed to pin block" (DuckDB 1.4, measured with rows of 300 to 1,500 bytes).
#pragma once

#include <algorithm>
#include <cstdint>

namespace tideline {

struct SortBudget {
  unsigned threads = 1;
  std::uint64_t memory_bytes = 0;
};

// Within `wanted` where that is enough; else one thread, and as much memory as that needs.
inline SortBudget sort_budget(std::uint64_t rows, std::uint64_t row_bytes, SortBudget wanted) {
  constexpr std::uint64_t kBaseBytes = 128ULL << 20;
  constexpr std::uint64_t kRowsHeld = 184'320;      // with room for what else a thread holds
  constexpr std::uint64_t kRowOverheadBytes = 250;  // beside its texts
  const std::uint64_t per_thread = (row_bytes + kRowOverheadBytes) * kRowsHeld;
  if (kBaseBytes + wanted.threads * per_thread <= wanted.memory_bytes) return wanted;
  const std::uint64_t all = 2 * rows * (row_bytes + kRowOverheadBytes);
  return {1, std::max(wanted.memory_bytes, kBaseBytes + std::min(per_thread, all))};
}

}  // namespace tideline
