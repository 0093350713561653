// LoginThrottle: slows down guessing of passwords, by name and by address. Forgets all with the
// process.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "base/time.h"

namespace tideline {

// Thread-safe.
class LoginThrottle {
 public:
  // How long until this name, from this address, may try; 0: now, and the attempt counts as failed
  // until succeeded() says otherwise, so that guesses at the same moment count too. An empty
  // address is not counted.
  [[nodiscard]] Duration begin(const std::string& name, const std::string& address, Time now);
  void succeeded(const std::string& name, const std::string& address);

 private:
  struct Failures {
    int count = 0;
    Time last{};
  };
  using Table = std::unordered_map<std::string, Failures>;
  [[nodiscard]] static Duration wait_of(const Table& table, const std::string& key, int free,
                                        Time now);
  static void note(Table& table, const std::string& key, Time now);

  std::mutex mutex_;
  Table by_name_;
  Table by_address_;
};

}  // namespace tideline
