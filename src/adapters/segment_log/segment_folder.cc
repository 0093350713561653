#include "adapters/segment_log/segment_folder.h"

#include <algorithm>

#include "adapters/segment_log/recovery.h"
#include "base/check.h"
#include "base/fault.h"

namespace tideline::segment_log {
namespace {

constexpr std::string_view kSegmentSuffix = ".seg";
constexpr std::string_view kSpareSuffix = ".free";
constexpr char kBlankName[] = "next.tmp";
// A spare in the making, and made ahead.
constexpr char kPreparingName[] = "spare.tmp";
constexpr char kPreparedName[] = "next.free";
constexpr std::size_t kZerosBytes = 1 << 20;

}  // namespace

std::string SegmentFolder::path(const std::string& name) const {
  return options_.folder + "/" + name;
}

Result<std::unique_ptr<SegmentFolder>> SegmentFolder::open(const SegmentLog::Options& options,
                                                           SegmentLog::Recovery& recovery) {
  std::unique_ptr<SegmentFolder> folder(new SegmentFolder(options));
  TRY(folder->load(recovery));
  if (options.prepare_ahead) {
    folder->spare_wanted_ = true;
    folder->preparing_ = std::thread([&made = *folder] { made.prepare(); });
  }
  return folder;
}

SegmentFolder::~SegmentFolder() {
  if (!preparing_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
  preparing_.join();
}

Status SegmentFolder::load(SegmentLog::Recovery& recovery) {
  TRY(options_.files->make_folder(options_.folder));
  TRY_ASSIGN(const auto names, options_.files->list(options_.folder));
  for (const auto& name : names) {
    if (name.ends_with(kSegmentSuffix)) {
      TRY_ASSIGN(auto segment, open_segment(*options_.files, options_.folder, name));
      segments_.push_back(std::move(segment));
    } else if (name.ends_with(kSpareSuffix)) {
      spares_.push_back(name);
    } else if (name == kBlankName || name == kPreparingName) {
      TRY(options_.files->remove(path(name)));  // a segment that was never begun
    }
  }
  if (segments_.empty()) {
    SegmentHead first;
    first.segment_bytes = options_.segment_bytes;
    first.salt = options_.salt;
    first.created = options_.clock->now();
    first.next_offsets.resize(options_.shards);
    TRY_ASSIGN(auto segment, make(std::move(first)));
    segments_.push_back(std::move(segment));
  }
  TRY(check_sequence());
  active_ = segments_.back().get();
  TRY(recover_tail(recovery));
  recovery.segments = segments_.size();
  recovery.end = end();
  return {};
}

// Segments follow each other, and each begins where the one before it ends.
Status SegmentFolder::check_sequence() const {
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    Segment& segment = *segments_[i];
    const SegmentHead& head = segment.head;
    if (head.next_offsets.size() != options_.shards) {
      return fail(ErrorCode::refused,
                  segment.path + ": this log has " + std::to_string(head.next_offsets.size()) +
                      " shards, but the settings say " + std::to_string(options_.shards) +
                      "; their number is fixed when the folder is made",
                  "log_shards");
    }
    if (i == 0) continue;
    Segment& before = *segments_[i - 1];
    if (head.number != before.head.number + 1) {
      return fail(ErrorCode::corrupt,
                  path(segment_name(before.head.number + 1)) +
                      ": byte 0: this segment is missing, although a later one is there",
                  "log_damaged");
    }
    if (head.salt != before.head.salt || head.first < before.head.first ||
        head.previous_end < before.first_frame() ||
        head.previous_end > before.head.segment_bytes) {
      return fail(damage_at(segment, 0, "this segment does not continue the one before it"));
    }
    before.end_bytes = head.previous_end;
    before.end = head.first;
  }
  return {};
}

Status SegmentFolder::recover_tail(SegmentLog::Recovery& recovery) {
  TRY_ASSIGN(auto recovered, recover(*active_));
  recovered_ = std::move(recovered.tail);
  if (recovered.cut) {
    recovery.cut =
        SegmentLog::Recovery::Cut{active_->path, recovered.cut->offset, recovered.cut->why};
  }
  return settle_recovered();
}

// What was found is served from now on, so the next damage to it must be told from a torn write.
Status SegmentFolder::settle_recovered() {
  if (!recovered_.marked) {
    TRY(write_mark(*active_, recovered_, options_.clock->now()));
    TRY(active_->file->sync());
  }
  active_->end_bytes = recovered_.point.offset;
  active_->end = recovered_.point.position;
  return {};
}

Status SegmentFolder::check_reserve() {
  const auto free = options_.files->free_bytes(options_.folder);
  if (!free || *free >= options_.reserve_bytes) return {};  // not known is not full
  return fail(ErrorCode::disk_full,
              "the disk of " + options_.folder + " has " + std::to_string(*free >> 20) +
                  " MiB free, less than the reserve of " +
                  std::to_string(options_.reserve_bytes >> 20) +
                  " MiB; nothing was stored, and storing goes on when there is room",
              "disk_reserve");
}

Result<LogTail> SegmentFolder::roll(const LogTail& tail) {
  SegmentHead head;
  head.number = active_->head.number + 1;
  head.segment_bytes = options_.segment_bytes;
  head.salt = active_->head.salt;
  head.first = tail.point.position;
  head.created = options_.clock->now();
  head.previous_end = tail.point.offset;
  head.previous_chain = tail.point.chain;
  head.previous_last_stored = tail.last_stored;
  head.next_offsets = tail.next_offsets;
  TRY_ASSIGN(auto segment, make(std::move(head)));
  LogTail next = tail_at_start(*segment);
  add(std::move(segment));
  return next;
}

void SegmentFolder::add(std::unique_ptr<Segment> segment) {
  const std::lock_guard lock(mutex_);
  active_ = segment.get();
  segments_.push_back(std::move(segment));
  // Only now: until here the prepared file may still carry the name of the next one.
  spare_wanted_ = spares_.empty();
  if (spare_wanted_) wanted_.notify_all();
}

Result<std::unique_ptr<Segment>> SegmentFolder::make(SegmentHead head) {
  TRY_ASSIGN(std::string blank, take_spare());
  std::unique_ptr<File> file;
  if (blank.empty()) {
    blank = kBlankName;
    TRY_ASSIGN(file, make_blank(blank));
  } else {
    TRY_ASSIGN(file, options_.files->open(path(blank), OpenMode::read_write));
  }
  const std::string name = segment_name(head.number);
  TRY(write_all(*file, 0, encode(head)));
  TRY(file->sync());
  fault::crash_point("log.before_segment");
  TRY(options_.files->rename(path(blank), path(name)));
  fault::crash_point("log.after_segment");
  TRY(options_.files->sync_folder(options_.folder));
  return open_segment(*options_.files, options_.folder, name);
}

// A spare of the right size; empty when there is none.
Result<std::string> SegmentFolder::take_spare() {
  for (;;) {
    std::string name;
    {
      const std::lock_guard lock(mutex_);
      if (spares_.empty()) return name;
      name = std::move(spares_.back());
      spares_.pop_back();
    }
    TRY_ASSIGN(auto file, options_.files->open(path(name), OpenMode::read_write));
    TRY_ASSIGN(const auto size, file->size());
    if (size == options_.segment_bytes) return name;
    TRY(options_.files->remove(path(name)));  // made under another setting
  }
}

Result<std::unique_ptr<File>> SegmentFolder::make_blank(const std::string& name) {
  const auto free = options_.files->free_bytes(options_.folder);
  if (free && *free < options_.reserve_bytes + options_.segment_bytes) {
    return fail(ErrorCode::disk_full,
                "the disk of " + options_.folder + " has " + std::to_string(*free >> 20) +
                    " MiB free: a new log segment of " +
                    std::to_string(options_.segment_bytes >> 20) +
                    " MiB would use the reserve; storing goes on when there is room",
                "disk_reserve");
  }
  auto created = options_.files->open(path(name), OpenMode::create);
  if (!created && created.error().code == ErrorCode::conflict) {  // left by an attempt that failed
    TRY(options_.files->remove(path(name)));
    created = options_.files->open(path(name), OpenMode::create);
  }
  TRY_ASSIGN(auto file, std::move(created));
  Status made = file->allocate(options_.segment_bytes);
  if (made) return file;
  // Half an allocation is no use to anybody; its removal may fail as the disk does.
  const Status removed = options_.files->remove(path(name));
  return fail(removed ? std::move(made).error() : made.error().in(removed.error().message));
}

void SegmentFolder::prepare() {
  if (options_.begin_preparing) options_.begin_preparing();
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wanted_.wait(lock, [this] { return stopping_ || spare_wanted_; });
      if (stopping_) return;
      spare_wanted_ = false;
      if (!spares_.empty()) continue;
    }
    // A failure takes nothing from the log: it makes its next segment itself, and says what is
    // wrong where that fails too.
    if (prepare_spare()) continue;
    const Status removed = options_.files->remove(path(kPreparingName));
    (void)removed;  // the next attempt meets it again
  }
}

Status SegmentFolder::prepare_spare() {
  TRY_ASSIGN(const auto file, make_blank(kPreparingName));
  const std::string zeros(kZerosBytes, '\0');
  for (std::uint64_t at = 0; at < options_.segment_bytes; at += zeros.size()) {
    const auto bytes = std::min<std::uint64_t>(zeros.size(), options_.segment_bytes - at);
    TRY(write_all(*file, at, std::string_view(zeros).substr(0, bytes)));
    // A little at a time, so that the log's own syncs never wait behind a whole segment.
    TRY(file->sync());
    const std::lock_guard lock(mutex_);
    if (stopping_) return fail(ErrorCode::unavailable, "the log is being closed");
  }
  TRY(options_.files->rename(path(kPreparingName), path(kPreparedName)));
  TRY(options_.files->sync_folder(options_.folder));
  const std::lock_guard lock(mutex_);
  spares_.insert(spares_.begin(), kPreparedName);
  return {};
}

void SegmentFolder::publish(const LogPoint& point) {
  active_->end_bytes.store(point.offset, std::memory_order_release);
  {
    const std::lock_guard lock(mutex_);
    active_->end.store(point.position, std::memory_order_release);
  }
  grown_.notify_all();
}

LogPosition SegmentFolder::begin() const {
  const std::lock_guard lock(mutex_);
  return segments_.front()->head.first;
}

LogPosition SegmentFolder::end() const {
  const std::lock_guard lock(mutex_);
  return segments_.back()->end;
}

bool SegmentFolder::wait_for(LogPosition position, Duration timeout) {
  std::unique_lock lock(mutex_);
  return grown_.wait_for(lock, timeout, [&] { return segments_.back()->end > position; });
}

SegmentFolder::Sizes SegmentFolder::sizes() const {
  const std::lock_guard lock(mutex_);
  Sizes sizes{segments_.size(), spares_.size() * options_.segment_bytes};
  for (const auto& segment : segments_) sizes.bytes += segment->head.segment_bytes;
  return sizes;
}

const Segment* SegmentFolder::find(LogPosition position) const {
  const std::lock_guard lock(mutex_);
  const auto after = std::upper_bound(
      segments_.begin(), segments_.end(), position,
      [](LogPosition wanted, const auto& segment) { return wanted < segment->head.first; });
  if (after == segments_.begin()) return nullptr;
  return std::prev(after)->get();
}

const Segment* SegmentFolder::segment_from(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(segments_.begin(), segments_.end(), [&](const auto& segment) {
    return segment->head.number >= number;
  });
  return found == segments_.end() ? nullptr : found->get();
}

Status SegmentFolder::trim(LogPosition before, Time stored_before) {
  for (;;) {
    const Segment* first = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (segments_.size() < 2) return {};
      const SegmentHead& next = segments_[1]->head;
      std::uint64_t bytes = 0;
      for (const auto& segment : segments_) bytes += segment->head.segment_bytes;
      const bool too_old = next.previous_last_stored < stored_before;
      const bool too_big = options_.keep_bytes_max > 0 && bytes > options_.keep_bytes_max;
      if (next.first > before || !(too_old || too_big)) return {};
      first = segments_.front().get();
    }
    TRY(let_go(*first));
  }
}

// Renamed to a spare, or removed. One at a time is made durable: after a power cut the segments
// that are left must be consecutive.
Status SegmentFolder::let_go(const Segment& segment) {
  std::string spare = segment.name;
  spare.replace(spare.size() - kSegmentSuffix.size(), kSegmentSuffix.size(), kSpareSuffix);
  const std::string name = segment.name;
  bool keep = segment.head.segment_bytes == options_.segment_bytes;
  {
    const std::lock_guard lock(mutex_);
    keep = keep && spares_.size() < options_.spares_max;
  }
  fault::crash_point("log.before_trim");
  TRY(keep ? options_.files->rename(path(name), path(spare)) : options_.files->remove(path(name)));
  fault::crash_point("log.after_trim");
  {
    const std::lock_guard lock(mutex_);
    segments_.pop_front();
  }
  TRY(options_.files->sync_folder(options_.folder));
  const std::lock_guard lock(mutex_);
  if (keep) spares_.push_back(std::move(spare));
  return {};
}

}  // namespace tideline::segment_log
