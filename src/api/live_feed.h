// LiveFeed: tells open streams what changed: customers' predictions, the figures of the overview,
// tiers and pipeline, and which other lists are to be read again.
//
// It keeps the order of changes, not their content: what is sent is read when it is sent, so that
// the latest wins and a customer who changes ten times between two messages is told once. A caller
// who comes back with the id of its last event is told what changed since; where that is too long
// ago it is told to read everything again.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_writer.h"
#include "api/services.h"
#include "http/stream.h"

namespace tideline {

struct LiveFeedOptions {
  std::size_t changes_max = 50'000;  // kept for callers who come back
  std::size_t rows_max = 100;        // predictions in one message
  // Who is further behind is told to read lists of customers again, in place of every prediction.
  std::size_t behind_max = 2'000;
  // Figures are sent every so many ticks while something happens, and while nothing does. Rates
  // look back, so that figures go on changing for a while after the last event.
  int figures_every_ticks = 4;
  int quiet_every_ticks = 20;
  int lasting_ticks = 48;
  // A stream ends then, and its caller comes back and shows again that it may read.
  int stream_ticks_max = 1'200;
};

// Thread-safe.
class LiveFeed {
 public:
  // `services` must outlive it.
  explicit LiveFeed(const Services& services, LiveFeedOptions options = {});

  // What a Rescorer tells its listeners; short.
  void note(std::span<const PredictionChange> changes);
  // Something of that name changed; short.
  void note(std::string_view topic);

  // From the next tick on. `last_event_id`: of the stream that this one goes on from, or empty.
  void join(http::Stream stream, std::string_view last_event_id);

  // Sends what changed since the last one; about 4 times a second. Not from two threads.
  void tick();

 private:
  using Number = std::uint64_t;  // of a change, from 1
  struct Listener {
    http::Stream stream;
    Number told = 0;     // every change up to this one
    bool reset = false;  // what it knows is too old
    bool fresh = true;   // has had no message
    int ticks = 0;       // since it began
  };
  // What changed after one number, up to another.
  struct Changes {
    std::vector<std::string> customers;
    std::vector<std::string> topics;
    Number until = 0;
  };
  struct Figures {
    std::string overview;
    std::string tiers;
    std::string pipeline;
    bool due = false;  // for everybody, not only for who has none yet
  };

  void add_locked(std::string customer);
  void note_locked(std::string_view topic);
  void watch_program();
  void watch_alerts();
  [[nodiscard]] Changes changes_after(Number told) const;
  [[nodiscard]] std::optional<Figures> figures_now(bool wanted);
  [[nodiscard]] std::string message(const Changes& changes, const Figures* figures,
                                    bool reset) const;
  [[nodiscard]] std::string id_of(Number number) const;
  [[nodiscard]] std::optional<Number> number_of(std::string_view id) const;
  void write_rows(JsonWriter& json, const std::vector<std::string>& customers) const;

  const Services& services_;
  const LiveFeedOptions options_;
  const std::string run_;  // tells this process from the one before

  // Only used by tick().
  std::uint64_t dead_lettered_ = 0;
  std::uint64_t action_changes_ = 0;
  std::optional<std::string> newest_alert_;  // its id; nullopt: not looked at yet
  const void* model_ = nullptr;
  std::uint64_t done_ = 0;  // records stored and committed, at the last tick
  int lasting_ = 0;         // ticks for which figures still change
  int since_figures_ = 0;   // ticks

  std::mutex mutex_;                                   // guards all below
  std::deque<std::string> changed_;                    // customers in order; empty: a topic
  Number last_ = 0;                                    // of the newest in changed_
  std::map<std::string, Number, std::less<>> topics_;  // when each changed last
  std::vector<Listener> listeners_;
  std::vector<Listener> joining_;
};

// One prediction without what repeats in every row; `figures` holds the tasks.
void write_slim_prediction(JsonWriter& json, const Services& services,
                           const Prediction& prediction);

}  // namespace tideline
