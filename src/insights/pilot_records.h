// Keys and bytes of pilots in Family::actions. Internal to the module.
#pragma once

#include <string>
#include <string_view>

#include "insights/pilots.h"

namespace tideline {

// "pilot" + id.
[[nodiscard]] std::string pilot_prefix();
[[nodiscard]] std::string pilot_key(std::string_view id);
// "exposed" + pilot, customer: the exposure log.
[[nodiscard]] std::string exposure_prefix(std::string_view pilot);
[[nodiscard]] std::string exposure_key(std::string_view pilot, const CustomerId& customer);
// "expose due" + time, pilot, customer: whose horizon is over when; the value is the exposure's
// key.
[[nodiscard]] std::string exposure_due_prefix();
[[nodiscard]] std::string exposure_due_key(Time time, std::string_view pilot,
                                           std::string_view customer);

// Decoding answers corrupt when the bytes are not such a record.
[[nodiscard]] std::string encode(const Pilot& pilot);
[[nodiscard]] Result<Pilot> decode_pilot(std::string_view bytes);
[[nodiscard]] std::string encode(const Exposure& exposure);
[[nodiscard]] Result<Exposure> decode_exposure(std::string_view bytes);

}  // namespace tideline
