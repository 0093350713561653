// The seed of random tests: --gtest_random_seed=N, else a fixed one; printed by each test that
// asks.
#pragma once

#include <cstdint>
#include <cstdio>

#include <gtest/gtest.h>

namespace tideline {

[[nodiscard]] inline std::uint64_t test_seed() {
  const auto asked = GTEST_FLAG_GET(random_seed);
  const std::uint64_t seed = asked != 0 ? static_cast<std::uint64_t>(asked) : 20130330;
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

}  // namespace tideline
