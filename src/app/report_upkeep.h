// ReportUpkeep: draws all reports on schedule (report.every_days), keeps them in the data folder,
// and mails them to whom the settings name.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "app/report_room.h"
#include "ports/notifier.h"

namespace tideline {

class ReportUpkeep {
 public:
  // Begins at once, on a thread of its own that gives way to all others. All of them must outlive
  // it.
  ReportUpkeep(Engine& engine, ReportRoom& room, Notifier& notifier);
  ~ReportUpkeep();  // ends after the report under way

 private:
  void run();
  [[nodiscard]] Result<bool> is_due();
  Status draw_all();
  Status mail(const std::vector<KeptReport>& kept, const std::vector<std::string>& files);
  [[nodiscard]] bool stopping();

  Engine& engine_;
  ReportRoom& room_;
  Notifier& notifier_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tideline
