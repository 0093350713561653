// serve: the program as a server: a folder, its HTTP door and its control socket, until it is told
// to stop.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/session.h"

namespace tideline {

struct ServeOptions {
  FolderFlags flags;
  std::optional<Time> as_of;
  bool insecure_listen = false;  // an address that is not loopback, without TLS
  // Called once the door is open, on a thread of its own; ends when `stopping` says so. For
  // `demo`.
  std::function<void(Engine& engine, std::uint16_t port, const std::function<bool()>& stopping)>
      beside;
  std::string greeting;  // printed with the address; empty: the usual one
};

// Returns after SIGINT or SIGTERM, with everything drained.
[[nodiscard]] Result<int> serve(const ServeOptions& options);

}  // namespace tideline
