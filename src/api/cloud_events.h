// CloudEvents (1.0 and 0.3) over HTTP, in binary, structured and batched mode, as events of ours.
//
// A CloudEvent is a track event: `type` is its name, `id` its message id, `time` its timestamp,
// `data` its properties. The customer is the extension `userid`, else userId of the data, else
// `subject`. Data that is itself an event of ours is taken as one (docs/clients.md).
#pragma once

#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "pipeline/decoder.h"

namespace tideline {

// Errors as Decoder::batch and, for one event by itself, Decoder::single: malformed_json,
// not_an_event, too_large. Content-Type is a hint only.
[[nodiscard]] Result<std::vector<Entry>> decode_cloud_events(Decoder& decoder,
                                                             const http::Request& request,
                                                             const DecodeContext& context);

}  // namespace tideline
