// The last step of aggregates that are more than a sum: gaps between active days, blocks of equal
// length. Features take it over tiles, labels over raw history.
#pragma once

#include <cstdint>
#include <span>

#include "packs/program.h"

namespace tideline {

// gap_mean, gap_max or gap_sd, in days, of ascending different days. NaN below two days.
[[nodiscard]] double finish_gaps(AggregateKind kind, std::span<const std::int32_t> days);

// blocks_mean, blocks_sd or blocks_active of the counts of the blocks.
[[nodiscard]] double finish_blocks(AggregateKind kind, std::span<const std::uint64_t> counts);

}  // namespace tideline
