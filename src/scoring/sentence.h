// Numbers and sentences for people, from a pack's words.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "packs/pack.h"

namespace tideline {

// "%": 55 %; ".1": one digit after the point; "": up to two. "-" for a missing number.
[[nodiscard]] std::string spoken_number(double value, std::string_view form);

// `sentence` with "{name}", "{name:%}", "{name:.1}" filled in: value_of(name) gives the number. A
// name without a form takes form_of(name).
[[nodiscard]] std::string filled_in(std::string_view sentence,
                                    const std::function<double(std::string_view)>& value_of,
                                    const std::function<std::string(std::string_view)>& form_of);

// A feature of a customer in plain words: what it is now, against what it was and what is usual;
// whichever says more. `past` and `usual` may be NaN. "sessions in 14 days fell from 6 to 2".
[[nodiscard]] std::string sentence_of(const Pack& pack, const FeatureSpec& feature, double now,
                                      double past, double usual);

}  // namespace tideline
