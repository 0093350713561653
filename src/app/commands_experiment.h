// pilots measure: experiments that were run elsewhere, from a table.
#pragma once

#include "app/commands.h"

namespace tideline {

void add_pilots_measure(CLI::App& pilots, CommandLine& line);

}  // namespace tideline
