// LogWriter: the queue of waiting appends, and who makes them durable: gather, frame, write, sync,
// mark, acknowledge.
//
// What can be done before an append's turn is done by its caller while the disk syncs the group
// before: encoding, the records' offsets, the check sum. Whoever commits adds frame heads and
// writes the callers' own buffers. That is one at a time: the writer's thread, or a caller who
// waits anyway and finds nobody at it; so its append costs no change of threads.
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

  void append(RecordBatch records, EventLog::Appended done);
  // Commits on the caller's thread where nobody else does at that moment.
  [[nodiscard]] Result<std::vector<Place>> append_and_wait(RecordBatch records);
  // Without segments and segment_bytes.
  [[nodiscard]] SegmentLog::Stats stats() const;

 private:
  // An append on its way.
  struct Waiting {
    std::string framed;  // room for a frame's head, records with their offsets, padding
    std::uint64_t body_bytes = 0;
    std::uint32_t body_check = 0;    // of the body with its padding; of a large append only
    std::uint64_t queued_bytes = 0;  // what it takes of the queue
    EventLog::Appended done;
    std::vector<Place> places;

    [[nodiscard]] std::string_view body() const {
      return std::string_view(framed).substr(kFrameHeadBytes, body_bytes);
    }
  };
  using Group = std::deque<Waiting>;

  [[nodiscard]] static Waiting waiting_of(RecordBatch records, EventLog::Appended done);
  // Queues an append with its offsets, or says why not and leaves it as it was. Needs the lock.
  Status enqueue(Waiting& waiting);
  Status admit(std::uint64_t bytes);
  // The first of the queue, as much as is committed at once. Needs the lock.
  [[nodiscard]] Group take_group();

  void run();
  // The thread's next group, which it is to commit; empty: nothing came for a while, or it is time
  // to stop. Then as after a commit.
  [[nodiscard]] Group next_group();
  // The end of a commit, by whomever.
  void hand_over();
  void commit(Group group);
  // Frames appends from `from` on into pieces_ while they fit into the segment; answers the index
  // after the last one taken and moves `tail`.
  std::size_t frame(Group& group, std::size_t from, LogTail& tail);
  // Of group[from, to), small appends that are copied into one frame.
  void add_merged(Group& group, std::size_t from, std::size_t to, LogTail& tail);
  // The frame `framed` of group[from, to), whose body has the given check sum.
  void close_frame(std::span<char> framed, std::uint32_t body_check, const Group& group,
                   std::size_t from, std::size_t to, LogTail& tail);
  // Writes and syncs pieces_, which hold the frames of group[from, to), acknowledges them and
  // moves tail_ to `next`.
  Status make_durable(Group& group, std::size_t from, std::size_t to, const LogTail& next);
  Status write(std::uint64_t end);
  Status sync();
  // Syncs the last mark after a while without appends.
  void settle();
  void acknowledge(Group& group, std::size_t from, std::size_t to);
  void refuse(Group& group, std::size_t from, const Error& error);
  // A full disk refuses what is in hand and what waits; anything else ends the log.
  void give_up(Group& group, std::size_t from, const Error& cause);
  // Whether the segment has room for so many bytes of frames at tail_, and a mark.
  [[nodiscard]] bool fits(std::uint64_t framed_bytes) const;

  const SegmentLog::Options options_;
  SegmentFolder& folder_;

  // Of who commits; committing_ passes them on.
  LogTail tail_;                          // durable, and marked where tail_.marked says so
  std::vector<std::string_view> pieces_;  // frames of the group in hand, as they follow each other
  std::deque<std::string> merged_;        // frames of small appends that pieces_ points to
  bool unsettled_ = false;                // the last mark is not synced

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  Group queue_;
  std::vector<std::uint64_t> next_offsets_;  // by shard, behind everything in the queue
  bool idle_ = false;                        // the thread waits to be woken
  bool settling_ = false;                    // it waits for settle() too
  bool committing_ = false;                  // somebody is at it
  bool stopping_ = false;
  std::optional<Error> failed_;
  SegmentLog::Stats stats_;

  std::thread thread_;  // last: everything is there when it starts
};

}  // namespace tideline::segment_log
