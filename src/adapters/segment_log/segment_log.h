// SegmentLog: the EventLog in preallocated segment files, acknowledged by group commit.
// Every byte of the files is described in docs/formats/segment-log.md.
//
// append() encodes on the caller's thread and queues the bytes; one writer thread gathers what has
// queued up, writes it as checksummed frames, syncs, writes a mark that says so, and calls `done`
// in the order of the log, on that thread or on that of a caller who waits and does its work for
// once. An append that is refused at once (overloaded,
// unavailable, too_large, empty) has its `done` called by append itself.
//
// A failed write or sync is final: everything waiting and everything later answers `unavailable`
// (reason log_failed), and what is on disk is found out by opening the log again. Only a full disk
// is not: the appends in hand answer disk_full, and later ones are tried again.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "ports/event_log.h"

namespace tideline {

class SegmentLog final : public EventLog {
 public:
  struct Options {
    std::string folder;
    FileSystem* files = nullptr;   // must outlive the log
    const Clock* clock = nullptr;  // gives stored times; must outlive the log
    // Fixed when the folder is made; another number is refused.
    std::uint16_t shards = 16;
    // Size of a new segment file, a multiple of 4096. One append must fit into one segment.
    std::uint64_t segment_bytes = 64ULL << 20;
    // A random number that a new log's checksums start from, so that bytes which a client sends
    // can not pass for frames.
    std::uint64_t salt = 0;
    // Bytes of waiting appends before append answers `overloaded`; one append of any size is taken
    // by an empty queue.
    std::uint64_t queue_bytes_max = 64ULL << 20;
    // Appends are gathered up to this size before a sync, and into frames of about frame_bytes.
    std::uint64_t group_bytes_max = 8ULL << 20;
    std::uint64_t frame_bytes = 256ULL << 10;
    // Appends answer disk_full while less than this is free, or a new segment would leave less.
    std::uint64_t reserve_bytes = 256ULL << 20;
    // Over this size trim() drops segments of any age (never past `before`); 0: by age alone.
    std::uint64_t keep_bytes_max = 0;
    // Dropped segments kept for use as new ones.
    std::size_t spares_max = 2;
    // Keeps the next segment ready: a thread writes it full of zeros and syncs it ahead of time. A
    // sync of an append then has no more to do than write its bytes; in a file that was only
    // allocated it also waits for the file system to note what is written now. When there is no
    // time or room for that, the log makes a segment as without.
    bool prepare_ahead = false;
    // Called first on that thread, e.g. to make it give way: on a machine that is busy answering
    // it is cheaper to have no segment ready.
    std::function<void()> begin_preparing;
    // After this long without appends the last mark is synced too, so that even damage to the very
    // last frame is known from a torn write; 0: only when the log is closed.
    Duration settle = Duration(100);
  };

  // What open() found and did.
  struct Recovery {
    std::uint64_t segments = 0;
    LogPosition end = 0;
    // Where a write that was never acknowledged had been cut short, and what was wrong there.
    struct Cut {
      std::string file;
      std::uint64_t offset = 0;
      std::string why;
    };
    std::optional<Cut> cut;
  };

  struct Stats {
    std::uint64_t appends = 0;  // acknowledged ones
    std::uint64_t records = 0;
    std::uint64_t commits = 0;  // successful data syncs of groups; records / commits a commit
    std::uint64_t bytes = 0;    // written, with heads and marks
    std::uint64_t segments = 0;
    std::uint64_t segment_bytes = 0;  // on disk, with spares
    std::uint64_t queued_bytes = 0;
    Duration last_sync{};
    Duration longest_sync{};
    bool failed = false;
  };

  struct Verified {
    std::uint64_t segments = 0;
    std::uint64_t frames = 0;
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
  };

  // corrupt: acknowledged bytes are damaged or missing (file and byte offset in the message);
  // refused: another format, or another number of shards; disk_full: no room for the first
  // segment.
  [[nodiscard]] static Result<std::unique_ptr<SegmentLog>> open(Options options);
  // Writes and acknowledges what is queued.
  ~SegmentLog() override;

  void append(RecordBatch records, Appended done) override;
  // The same for a caller who waits: with nobody else at it, it writes and syncs itself (and what
  // others have queued), without a change of threads. Never from a `done`.
  [[nodiscard]] Result<std::vector<Place>> append_and_wait(RecordBatch records);
  Result<std::vector<LogRecord>> read(LogPosition from, std::size_t records_max,
                                      std::size_t bytes_max) override;
  bool wait_for(LogPosition position, Duration timeout) override;
  [[nodiscard]] LogPosition begin() const override;
  [[nodiscard]] LogPosition end() const override;
  Status trim(LogPosition before, Time stored_before) override;

  // Reads and checks every durable byte from the disk; `corrupt` names the first damaged place.
  [[nodiscard]] Result<Verified> verify();
  [[nodiscard]] const Recovery& recovery() const;
  [[nodiscard]] Stats stats() const;

 private:
  struct Parts;
  explicit SegmentLog(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace tideline
