// How many files, and so connections, this process may have open.
#pragma once

#include <cstdint>

namespace tideline {

// Raises the process's limit of open files as far as the system lets it, and tells the limit then.
std::uint64_t raise_open_files();

}  // namespace tideline
