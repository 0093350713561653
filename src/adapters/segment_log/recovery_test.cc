// What the log does about torn writes, flipped bits, power cuts and kills: what was acknowledged
// is there, or the log refuses with file and offset; it never serves anything else.
#include <filesystem>

#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/segment_log/segment_log.h"
#include "base/fault.h"
#include "base/faulty_file_system.h"
#include "base/memory_file_system.h"
#include "ports/test_seed.h"

namespace tideline {
namespace {

using ::testing::HasSubstr;

constexpr char kFirstFile[] = "/log/0000000001.seg";
constexpr char kSecondFile[] = "/log/0000000002.seg";
constexpr std::size_t kHead = 4096;
constexpr std::size_t kMark = 64;

class RecoveryTest : public ::testing::Test {
 protected:
  RecoveryTest() {
    options_.folder = "/log";
    options_.files = &files_;
    options_.clock = &clock_;
    options_.segment_bytes = 64 << 10;
    options_.frame_bytes = 2000;
    options_.salt = 0x5EED;
    options_.reserve_bytes = 0;
    options_.settle = Duration(0);
  }
  ~RecoveryTest() override { fault::clear(); }

  // One append of one record.
  static Result<std::vector<Place>> append(SegmentLog& log, std::string payload) {
    return append_and_wait(log, {{2, RecordKind::event, std::move(payload)}});
  }

  static Result<std::vector<std::string>> payloads(SegmentLog& log) {
    std::vector<std::string> all;
    for (LogPosition at = log.begin(); at < log.end();) {
      TRY_ASSIGN(auto found, log.read(at, 1000, 1 << 20));
      for (auto& record : found) {
        EXPECT_EQ(record.position, at++);
        all.push_back(std::move(record.payload));
      }
    }
    return all;
  }

  // A log of these payloads, closed.
  void write_log(const std::vector<std::string>& payloads) {
    auto log = SegmentLog::open(options_);
    ASSERT_TRUE(log.has_value()) << log.error().message;
    for (const auto& payload : payloads) ASSERT_TRUE(append(**log, payload).has_value());
  }

  // The log opens and holds exactly these.
  void expect_holds(const std::vector<std::string>& expected) {
    auto log = SegmentLog::open(options_);
    ASSERT_TRUE(log.has_value()) << log.error().message;
    const auto found = payloads(**log);
    ASSERT_TRUE(found.has_value()) << found.error().message;
    EXPECT_EQ(*found, expected);
  }

  static std::size_t frame_bytes(std::size_t payload) { return 64 + (16 + payload + 7) / 8 * 8; }

  ManualClock clock_{time_from_millis(1'700'000'000'000)};
  MemoryFileSystem disk_;
  FaultyFileSystem files_{disk_};
  SegmentLog::Options options_;
};

TEST_F(RecoveryTest, ATornLastFrameIsCutAtEveryByte) {
  const std::vector<std::string> kept = {"first", std::string(300, 'b'), "third"};
  write_log(kept);
  const std::string before = disk_.content(kFirstFile);
  const std::string last(100, 'z');
  write_log({last});
  const std::string after = disk_.content(kFirstFile);
  const std::size_t from = kHead + frame_bytes(5) + frame_bytes(300) + frame_bytes(5) + 3 * kMark;
  const std::size_t frame = frame_bytes(last.size());

  // Behind the torn write stand zeros, as in a new segment, or another segment's frames.
  for (const bool recycled : {false, true}) {
    for (std::size_t written = 0; written <= frame; ++written) {
      std::string torn = before;
      if (recycled) {
        std::fill(torn.begin() + static_cast<std::ptrdiff_t>(from), torn.end(), '\x5A');
      }
      torn.replace(from, written, after, from, written);
      disk_.set_content(kFirstFile, torn);
      SCOPED_TRACE(written);
      auto expected = kept;
      if (written >= frame - 4) expected.push_back(last);  // the padding's zeros are there anyway
      if (recycled && written < frame) expected = kept;
      expect_holds(expected);
      // The cut place takes new records, and no trace of the torn one comes back.
      write_log({"new"});
      expected.push_back("new");
      expect_holds(expected);
    }
  }
}

TEST_F(RecoveryTest, ATornHeadBehindItsBodyIsCut) {
  // The disk wrote the later sectors of the last frame and not the first.
  write_log({"first"});
  const std::string before = disk_.content(kFirstFile);
  write_log({std::string(3000, 'z')});
  const std::string after = disk_.content(kFirstFile);
  const std::size_t from = kHead + frame_bytes(5) + kMark;
  const std::size_t end = from + frame_bytes(3000);
  for (std::size_t lost = from + 1; lost < end; lost += 7) {
    std::string torn = after;
    torn.replace(from, lost - from, before, from, lost - from);  // the old bytes still stand there
    torn.replace(end, kMark, kMark, '\0');
    disk_.set_content(kFirstFile, torn);
    expect_holds({"first"});
  }
}

TEST_F(RecoveryTest, AFlippedBitIsNeverServedAndNeverCut) {
  const std::vector<std::string> payloads_written = {"first", std::string(500, 'b'), "third", ""};
  write_log(payloads_written);
  const std::string whole = disk_.content(kFirstFile);
  std::size_t end = kHead;
  for (const auto& payload : payloads_written) end += frame_bytes(payload.size()) + kMark;
  Rng rng(test_seed());
  for (std::size_t at = 0; at < end; ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << rng.below(8)));
    disk_.set_content(kFirstFile, damaged);
    SCOPED_TRACE(at);
    auto log = SegmentLog::open(options_);
    if (at >= end - kMark) {  // the last mark holds no record
      ASSERT_TRUE(log.has_value()) << log.error().message;
      EXPECT_EQ(payloads(**log).value(), payloads_written);
      continue;
    }
    ASSERT_FALSE(log.has_value());
    EXPECT_EQ(log.error().code, at >= 8 && at < 12 ? log.error().code : ErrorCode::corrupt);
    EXPECT_THAT(log.error().message, HasSubstr(kFirstFile));
    EXPECT_THAT(log.error().message, HasSubstr("byte "));
    EXPECT_EQ(disk_.content(kFirstFile), damaged) << "what cannot be served is left for a rescue";
  }
}

TEST_F(RecoveryTest, WithoutItsMarkOnlyTheVeryLastGroupCanBeTakenForTorn) {
  // A kill between the sync and the mark: not acknowledged, and the frame stands whole.
  const std::vector<std::string> payloads_written = {"first", "second", "third"};
  write_log(payloads_written);
  std::string whole = disk_.content(kFirstFile);
  const std::size_t last = kHead + frame_bytes(5) + frame_bytes(6) + 2 * kMark;
  const std::size_t end = last + frame_bytes(5);
  whole.replace(end, kMark, kMark, '\0');
  disk_.set_content(kFirstFile, whole);
  expect_holds(payloads_written);
  for (std::size_t at = kHead; at < end; ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    disk_.set_content(kFirstFile, damaged);
    SCOPED_TRACE(at);
    auto log = SegmentLog::open(options_);
    if (at >= last) {
      ASSERT_TRUE(log.has_value()) << log.error().message;
      EXPECT_EQ(payloads(**log).value(), (std::vector<std::string>{"first", "second"}));
    } else if (log) {
      EXPECT_GE(at, last - kMark);  // its mark is damaged and nothing says that "third" was synced
      EXPECT_EQ(payloads(**log).value(), (std::vector<std::string>{"first", "second"}));
    } else {
      EXPECT_EQ(log.error().code, ErrorCode::corrupt);
    }
  }
}

TEST_F(RecoveryTest, DamageInAnOlderSegmentIsNamedWhenItIsMet) {
  std::vector<std::string> written;
  for (int i = 0; i < 30; ++i) written.push_back(std::string(4000, static_cast<char>('A' + i)));
  write_log(written);
  const std::string whole = disk_.content(kFirstFile);
  const std::size_t frame = frame_bytes(4000) + kMark;
  Rng rng(test_seed());
  for (int i = 0; i < 200; ++i) {
    const std::size_t damaged_frame = rng.below(10);
    const std::size_t at = kHead + damaged_frame * frame + rng.below(frame - kMark);
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << rng.below(8)));
    disk_.set_content(kFirstFile, damaged);
    auto log = SegmentLog::open(options_);
    ASSERT_TRUE(log.has_value()) << log.error().message;
    const std::string place =
        std::string(kFirstFile) + ": byte " + std::to_string(kHead + damaged_frame * frame);
    const auto before = (*log)->read(0, damaged_frame, 1 << 20);
    ASSERT_TRUE(before.has_value());
    EXPECT_EQ(before->size(), damaged_frame);
    const auto met = (*log)->read(damaged_frame, 10, 1 << 20);
    ASSERT_FALSE(met.has_value());
    EXPECT_EQ(met.error().code, ErrorCode::corrupt);
    EXPECT_THAT(met.error().message, HasSubstr(place));
    const auto verified = (*log)->verify();
    ASSERT_FALSE(verified.has_value());
    EXPECT_THAT(verified.error().message, HasSubstr(place));
  }
}

TEST_F(RecoveryTest, VerifyMeetsDamageInTheOpenLogsLastSegment) {
  auto log = SegmentLog::open(options_).value();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(append(*log, "payload").has_value());
  ASSERT_TRUE(log->verify().has_value());
  auto file = disk_.open(kFirstFile, OpenMode::read_write).value();
  ASSERT_TRUE(write_all(*file, kHead + 100, "?").has_value());
  const auto verified = log->verify();
  ASSERT_FALSE(verified.has_value());
  EXPECT_EQ(verified.error().code, ErrorCode::corrupt);
  ASSERT_TRUE(write_all(*file, 100, "?").has_value());
  EXPECT_THAT(log->verify().error().message, HasSubstr("byte 0"));
}

TEST_F(RecoveryTest, MissingFilesAndBytesAreRefused) {
  write_log(std::vector<std::string>(50, std::string(4000, 'x')));
  const auto whole = disk_.contents();
  ASSERT_GE(whole.size(), 3u);

  auto without = whole;
  without.erase(kSecondFile);
  disk_.set_contents(without);
  auto log = SegmentLog::open(options_);
  ASSERT_FALSE(log.has_value());
  EXPECT_EQ(log.error().code, ErrorCode::corrupt);
  EXPECT_THAT(log.error().message, HasSubstr(kSecondFile));

  auto shorter = whole;
  shorter[kFirstFile].resize(20'000);
  disk_.set_contents(shorter);
  log = SegmentLog::open(options_);
  ASSERT_FALSE(log.has_value());
  EXPECT_THAT(log.error().message, HasSubstr("byte 20000"));

  auto other_log = whole;  // a segment of another log in this one's place
  disk_.set_contents({});
  options_.salt = 0xBAD;
  write_log(std::vector<std::string>(50, std::string(4000, 'x')));
  other_log[kSecondFile] = disk_.content(kSecondFile);
  disk_.set_contents(other_log);
  log = SegmentLog::open(options_);
  ASSERT_FALSE(log.has_value());
  EXPECT_EQ(log.error().code, ErrorCode::corrupt);
}

TEST_F(RecoveryTest, AnUnreadableDiskIsNotTakenForATornTail) {
  write_log({"first", "second"});
  const auto whole = disk_.contents();
  for (std::uint64_t nth = 1; nth <= 3; ++nth) {
    files_.fail_call(FileCall::read, nth, ErrorCode::io_failed, true);
    const auto log = SegmentLog::open(options_);
    ASSERT_FALSE(log.has_value());
    EXPECT_EQ(log.error().code, ErrorCode::io_failed);
    EXPECT_EQ(disk_.contents(), whole);
  }
}

TEST_F(RecoveryTest, PayloadsThatLookLikeFramesAreOnlyPayloads) {
  // A client sends a copy of a mark that says "everything is durable", and the power fails while
  // its record is written.
  write_log({"first", "second"});
  const std::string mark =
      disk_.content(kFirstFile).substr(kHead + frame_bytes(5) + frame_bytes(6) + kMark, kMark);
  options_.folder = "/other";
  options_.salt = 0xD1FF;  // another log's salt, which no client knows
  write_log({"first"});
  std::string decoy(3, ' ');  // puts the copies where frames can begin
  while ((decoy.size() + 16) % 8 != 0) decoy += ' ';
  for (int i = 0; i < 20; ++i) decoy += mark;
  write_log({decoy});
  std::string torn = disk_.content("/other/0000000001.seg");
  const std::size_t from = kHead + frame_bytes(5) + kMark;
  torn[from + 70] ^= 1;
  torn.replace(from + frame_bytes(decoy.size()), kMark, kMark, '\0');
  disk_.set_content("/other/0000000001.seg", torn);
  expect_holds({"first"});
}

// Random appends, then the power fails at a random call; the log comes back with everything that
// was acknowledged, and with nothing that was not sent, in the order sent.
class PowerCuts : public RecoveryTest {
 protected:
  // Lives through one power cut; answers false when an acknowledged record was lost.
  bool live_once(Rng& rng) {
    options_.prepare_ahead = rng.chance(0.5);
    const FileCall call = rng.chance(0.5) ? FileCall::write : FileCall::sync;
    files_.fail_call(call, 1 + rng.below(30), ErrorCode::io_failed, true);
    return live_armed(rng);
  }

  // The same with what was armed before.
  bool live_armed(Rng& rng) {
    {
      auto log = SegmentLog::open(options_);
      if (log) {
        EXPECT_EQ((*log)->end(), sent_.size());
        work(**log, rng);
      } else {
        EXPECT_EQ(log.error().code, ErrorCode::io_failed) << log.error().message;
      }
    }
    failed_ = !files_.armed();
    files_.heal();
    disk_.cut_power(rng);
    auto log = SegmentLog::open(options_);
    EXPECT_TRUE(log.has_value()) << log.error().message;
    if (!log) return false;
    const auto found = payloads(**log);
    EXPECT_TRUE(found.has_value()) << found.error().message;
    const bool all_there = (*log)->end() >= acknowledged_;
    EXPECT_LE((*log)->end(), sent_.size());
    sent_.resize((*log)->end());
    const auto begin = static_cast<std::ptrdiff_t>((*log)->begin());
    EXPECT_EQ(*found, std::vector<std::string>(sent_.begin() + begin, sent_.end()));
    acknowledged_ = sent_.size();
    return all_there;
  }

  void work(SegmentLog& log, Rng& rng) {
    // Sends without waiting, so that groups of several frames form.
    std::atomic<LogPosition> acknowledged{acknowledged_};
    for (int round = 0; round < 10; ++round) {
      const auto appends = 1 + rng.below(6);
      for (std::uint64_t i = 0; i < appends; ++i) {
        std::string payload(rng.below(4000), '\0');
        for (auto& byte : payload) byte = static_cast<char>(rng.below(256));
        sent_.push_back(payload);
        log.append({{3, RecordKind::event, std::move(payload)}}, [&](const auto& places) {
          if (places) ++acknowledged;
        });
      }
      if (!append(log, "round").has_value()) {
        sent_.push_back("round");
        break;
      }
      ++acknowledged;
      sent_.push_back("round");
      clock_.advance(kSecond);
      if (rng.chance(0.2)) {
        const Status trimmed = log.trim(rng.below(log.end() + 1), clock_.now());
        EXPECT_TRUE(trimmed || trimmed.error().code == ErrorCode::io_failed);
      }
    }
    acknowledged_ = acknowledged;
  }

  // A log of its own: the life in which call number `nth` fails. False when there are fewer calls.
  bool live_with_failing_call(std::uint64_t nth) {
    disk_.set_contents({});
    sent_.clear();
    acknowledged_ = 0;
    Rng rng = Rng::stream(test_seed(), "failing call", 0);  // the same work for every call
    files_.fail_any_call(nth, ErrorCode::io_failed);
    EXPECT_TRUE(live_armed(rng));
    return failed_;
  }

  std::vector<std::string> sent_;  // what may be in the log, by position
  LogPosition acknowledged_ = 0;
  bool failed_ = false;  // the call that was to fail came
};

TEST_F(PowerCuts, AndOneFailingCallBeforeItTakeNothing) {
  std::uint64_t calls = 0;
  while (live_with_failing_call(calls + 1)) {
    SCOPED_TRACE(++calls);
    if (HasFailure()) return;
  }
  EXPECT_GT(calls, 60u);
}

TEST_F(PowerCuts, TakeNothingThatWasAcknowledged) {
  Rng rng(test_seed());
  for (int life = 0; life < 400; ++life) {
    SCOPED_TRACE(life);
    ASSERT_TRUE(live_once(rng));
    if (HasFailure()) return;
  }
  EXPECT_GT(sent_.size(), 1000u);
}

#if defined(TIDELINE_FAULTS) && TIDELINE_FAULTS

TEST_F(PowerCuts, WouldShowAnAcknowledgementBeforeTheSync) {
  fault::plant("ack_before_sync");
  Rng rng(test_seed());
  bool lost = false;
  for (int life = 0; life < 100 && !lost; ++life) lost = !live_once(rng);
  EXPECT_TRUE(lost);
}

TEST_F(RecoveryTest, ASkippedChecksumWouldServeDamage) {
  write_log({std::string(500, 'b'), "second"});
  std::string damaged = disk_.content(kFirstFile);
  damaged[kHead + 200] = 'X';
  disk_.set_content(kFirstFile, damaged);
  EXPECT_FALSE(SegmentLog::open(options_).has_value());
  fault::plant("checksum_skipped");
  auto log = SegmentLog::open(options_);
  ASSERT_TRUE(log.has_value());
  EXPECT_NE(payloads(**log).value(), (std::vector<std::string>{std::string(500, 'b'), "second"}));
}

// A child process appends to a log on disk and tells of each acknowledgement through a pipe, until
// the crash point kills it.
class Kills : public ::testing::TestWithParam<const char*> {
 protected:
  Kills() {
    std::string path = testing::TempDir() + "tideline-kill-XXXXXX";
    folder_ = ::mkdtemp(path.data());
    options_.folder = folder_ + "/log";
    options_.files = &files_;
    options_.clock = &clock_;
    options_.segment_bytes = 64 << 10;
    options_.reserve_bytes = 0;
  }
  ~Kills() override { std::filesystem::remove_all(folder_); }

  // Answers how many appends the child saw acknowledged.
  std::uint64_t append_until_killed(std::uint64_t nth) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      fault::arm(GetParam(), nth);
      auto log = SegmentLog::open(options_);
      for (;;) {
        const std::string payload = std::to_string((*log)->end());
        if (!append_and_wait(**log, {{0, RecordKind::event, payload}})) ::_exit(1);
        if (::write(ends[1], "a", 1) != 1) ::_exit(1);
      }
    }
    ::close(ends[1]);
    std::uint64_t acknowledged = 0;
    char byte = 0;
    while (::read(ends[0], &byte, 1) == 1) ++acknowledged;
    ::close(ends[0]);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return acknowledged;
  }

  ManualClock clock_{time_from_millis(1'700'000'000'000)};
  PosixFileSystem files_;
  std::string folder_;
  SegmentLog::Options options_;
};

TEST_P(Kills, LoseNothingThatWasAcknowledged) {
  LogPosition least = 0;
  for (std::uint64_t nth = 1; nth < 400; nth = nth * 2 + 1) {
    least += append_until_killed(nth);
    auto log = SegmentLog::open(options_);
    ASSERT_TRUE(log.has_value()) << log.error().message;
    EXPECT_GE((*log)->end(), least);
    EXPECT_LE((*log)->end(), least + 1) << "one append at a time was under way";
    least = (*log)->end();
    for (LogPosition at = 0; at < least; ++at) {
      const auto found = (*log)->read(at, 1, 1000);
      ASSERT_TRUE(found.has_value());
      ASSERT_EQ(found->front().payload, std::to_string(at));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(SegmentLog, Kills,
                         ::testing::Values("log.before_write", "log.after_write",
                                           "log.before_sync", "log.after_sync", "log.before_ack"));

#endif

}  // namespace
}  // namespace tideline
