// SegmentFolder: the log's files: which segments there are, where the log ends, the next segment
// made, old ones let go. Thread-safe as stated; it writes no frames but the mark of a recovery.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/segment_log/segment.h"
#include "adapters/segment_log/segment_log.h"

namespace tideline::segment_log {

class SegmentFolder {
 public:
  // Opens what is there, or makes the first segment; recovers the tail of the last segment.
  [[nodiscard]] static Result<std::unique_ptr<SegmentFolder>> open(
      const SegmentLog::Options& options, SegmentLog::Recovery& recovery);
  ~SegmentFolder();

  // The writer's side: one thread.
  [[nodiscard]] Segment& active() { return *active_; }
  [[nodiscard]] const LogTail& recovered_tail() const { return recovered_; }
  // Begins the next segment where `tail` stands and makes it the active one; answers its first
  // tail. disk_full when that would use the reserve: nothing has changed then.
  [[nodiscard]] Result<LogTail> roll(const LogTail& tail);
  // Durable frames of the active segment now end at this point.
  void publish(const LogPoint& point);
  // disk_full when the reserve is reached.
  Status check_reserve();

  // Anybody's side.
  [[nodiscard]] LogPosition begin() const;
  [[nodiscard]] LogPosition end() const;
  bool wait_for(LogPosition position, Duration timeout);
  // Files on disk, spares among them.
  struct Sizes {
    std::uint64_t segments = 0;
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] Sizes sizes() const;

  // The readers' side: not at the same time as trim (SegmentLog sees to that), so that a segment
  // found stays.
  [[nodiscard]] const Segment* find(LogPosition position) const;
  // The first segment whose number is at least `number`.
  [[nodiscard]] const Segment* segment_from(std::uint64_t number) const;
  Status trim(LogPosition before, Time stored_before);

 private:
  explicit SegmentFolder(const SegmentLog::Options& options) : options_(options) {}
  Status load(SegmentLog::Recovery& recovery);
  Status check_sequence() const;
  Status recover_tail(SegmentLog::Recovery& recovery);
  Status settle_recovered();
  // A new segment file with this head, under its name and durable.
  [[nodiscard]] Result<std::unique_ptr<Segment>> make(SegmentHead head);
  [[nodiscard]] Result<std::string> take_spare();
  // An allocated file of that name that no segment has yet; disk_full when it would use the
  // reserve.
  [[nodiscard]] Result<std::unique_ptr<File>> make_blank(const std::string& name);
  // The preparing thread: keeps one spare there, until told to stop.
  void prepare();
  Status prepare_spare();
  void add(std::unique_ptr<Segment> segment);
  Status let_go(const Segment& segment);
  [[nodiscard]] std::string path(const std::string& name) const;

  const SegmentLog::Options options_;
  LogTail recovered_;
  Segment* active_ = nullptr;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable grown_;
  std::deque<std::unique_ptr<Segment>> segments_;  // never empty after open
  std::vector<std::string> spares_;                // names
  std::condition_variable wanted_;                 // a spare, or the end of the preparing thread
  bool spare_wanted_ = false;
  bool stopping_ = false;

  std::thread preparing_;  // last: everything is there when it starts
};

}  // namespace tideline::segment_log
