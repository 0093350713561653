// ModelUpkeep: what a server does for its model by itself: labels that are known by now are put
// beside what was predicted, customers for whom an action was due are looked at again, pilots
// take customers in and measure those whose horizon is over; on schedule a new model is learnt,
// which takes over only when it passes the gate, and all customers are scored into files.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "app/engine.h"

namespace tideline {

class ModelUpkeep {
 public:
  // Begins at once, on a thread of its own that gives way to all others. `engine` must outlive it.
  explicit ModelUpkeep(Engine& engine);
  ~ModelUpkeep();  // ends what is under way at its next step

 private:
  void run();
  void look_up_labels();
  void follow_up_actions();
  void run_pilots();
  void retrain_when_due();
  void score_all_when_due();
  [[nodiscard]] Result<bool> is_model_due();
  [[nodiscard]] Result<bool> are_scores_due();
  // When something was last done on schedule; the beginning of time: never.
  [[nodiscard]] Result<Time> last_done(std::string_view key);
  Status remember_done(std::string_view key, Time when);
  [[nodiscard]] bool stopping();

  Engine& engine_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tideline
