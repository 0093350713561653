// ReportUpkeep: draws all reports on schedule, keeps them in the data folder, tells receivers of
// the topic report, and mails the files to whom the settings name.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "app/report_room.h"
#include "ports/notifier.h"
#include "reports/schedule.h"

namespace tideline {

class ReportUpkeep {
 public:
  // Begins at once, on a thread of its own that gives way to all others. All of them must outlive
  // it.
  ReportUpkeep(Engine& engine, ReportRoom& room, Notifier& notifier, reports::Schedule schedule);
  ~ReportUpkeep();  // ends after the report under way

 private:
  void run();
  Status work_off();
  // Draws and tells. That it is done and that it is told are one write.
  Status draw_and_tell(reports::ScheduleRecord record);
  Status keep(const reports::ScheduleRecord& record);
  Status mail(const KeptReports& kept);
  [[nodiscard]] bool stopping();

  Engine& engine_;
  ReportRoom& room_;
  Notifier& notifier_;
  reports::Schedule schedule_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tideline
