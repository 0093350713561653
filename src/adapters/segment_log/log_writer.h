// LogWriter: the queue of waiting appends and the one thread that makes them durable: gather,
// frame, write, sync, mark, acknowledge.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/segment_log/segment_folder.h"
#include "adapters/segment_log/segment_log.h"

namespace tideline::segment_log {

class LogWriter {
 public:
  // `folder` must outlive the writer; its thread starts here.
  LogWriter(const SegmentLog::Options& options, SegmentFolder& folder);
  // Writes what is queued. No append may be under way.
  ~LogWriter();

  void append(const std::vector<NewRecord>& records, EventLog::Appended done);
  // Without segments and segment_bytes.
  [[nodiscard]] SegmentLog::Stats stats() const;

 private:
  // An append on its way, encoded; its records' offsets are filled in when it is framed.
  struct Waiting {
    std::string body;
    std::uint32_t count = 0;
    std::uint64_t queued_bytes = 0;  // what it takes of the queue
    EventLog::Appended done;
    std::vector<Place> places;
  };
  using Group = std::deque<Waiting>;

  // Takes `bytes` of the queue for an append, or says why not.
  Status admit(std::uint64_t bytes);
  void enqueue(Waiting waiting);

  void run();
  // The next group in hand; empty: nothing came for a while, or it is time to stop.
  [[nodiscard]] Group next_group();
  void commit(Group group);
  // Frames appends from `from` on into buffer_ while they fit into the segment; answers the index
  // after the last one taken and moves `tail`.
  std::size_t frame(Group& group, std::size_t from, LogTail& tail);
  // Completes the frame that began at buffer_[head_at] and holds group[from, to).
  void close_frame(std::size_t head_at, Group& group, std::size_t from, std::size_t to,
                   LogTail& tail);
  // Writes and syncs buffer_, which holds the frames of group[from, to), acknowledges them and
  // moves tail_ to `next`.
  Status make_durable(Group& group, std::size_t from, std::size_t to, const LogTail& next);
  Status sync();
  // Syncs the last mark after a while without appends.
  void settle();
  void acknowledge(Group& group, std::size_t from, std::size_t to);
  void refuse(Group& group, std::size_t from, const Error& error);
  // A full disk refuses what is in hand; anything else ends the log.
  void give_up(Group& group, std::size_t from, const Error& cause);
  // Whether the segment has room for so many bytes of frames at tail_, and a mark.
  [[nodiscard]] bool fits(std::uint64_t framed_bytes) const;

  const SegmentLog::Options options_;
  SegmentFolder& folder_;

  // The writer thread's own.
  LogTail tail_;            // durable, and marked where tail_.marked says so
  std::string buffer_;      // frames of the group in hand
  bool unsettled_ = false;  // the last mark is not synced

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  Group queue_;
  bool stopping_ = false;
  std::optional<Error> failed_;
  SegmentLog::Stats stats_;

  std::thread thread_;  // last: everything is there when it starts
};

}  // namespace tideline::segment_log
