// Rng: a seeded random source whose numbers are the same on every machine and compiler.
#pragma once

#include <cstdint>
#include <string_view>

namespace tideline {

// xoshiro256++ (Blackman and Vigna 2019), seeded by splitmix64. Not for secrets. Not thread-safe.
class Rng {
 public:
  explicit Rng(std::uint64_t seed);
  // An independent stream for a named purpose: Rng::stream(seed, "customer", 17).
  [[nodiscard]] static Rng stream(std::uint64_t seed, std::string_view purpose,
                                  std::uint64_t index = 0);

  [[nodiscard]] std::uint64_t next();
  // Uniform in [0, n), without bias; n > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t n);
  // Uniform in [0, 1).
  [[nodiscard]] double uniform();
  [[nodiscard]] double uniform(double low, double high) { return low + (high - low) * uniform(); }
  [[nodiscard]] bool chance(double probability) { return uniform() < probability; }
  [[nodiscard]] double normal();                           // mean 0, sd 1 (Box and Muller)
  [[nodiscard]] double exponential(double mean);           // mean > 0
  [[nodiscard]] double gamma(double shape, double scale);  // Marsaglia and Tsang 2000
  [[nodiscard]] double beta(double a, double b);
  [[nodiscard]] std::uint64_t poisson(double mean);

 private:
  std::uint64_t state_[4];
};

}  // namespace tideline
