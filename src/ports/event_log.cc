#include "ports/event_log.h"

#include <future>

namespace tideline {

Result<std::vector<Place>> append_and_wait(EventLog& log, RecordBatch records) {
  std::promise<Result<std::vector<Place>>> promise;
  auto done = promise.get_future();
  log.append(std::move(records),
             [&promise](Result<std::vector<Place>> r) { promise.set_value(std::move(r)); });
  return done.get();
}

}  // namespace tideline
