#include "base/file.h"

#include <array>
#include <csignal>
#include <filesystem>

#include <unistd.h>

#include <gtest/gtest.h>

#include "base/fault.h"
#include "base/faulty_file_system.h"
#include "base/memory_file_system.h"

namespace tideline {
namespace {

class Posix {
 public:
  Posix() {
    std::string path = testing::TempDir() + "tideline-file-XXXXXX";
    folder_ = ::mkdtemp(path.data());
  }
  ~Posix() { std::filesystem::remove_all(folder_); }
  FileSystem& files() { return files_; }
  std::string path(const std::string& name) { return folder_ + "/" + name; }

 private:
  std::string folder_;
  PosixFileSystem files_;
};

class Memory {
 public:
  FileSystem& files() { return files_; }
  std::string path(const std::string& name) { return "/folder/" + name; }

 private:
  MemoryFileSystem files_;
};

class FaultyWithoutFaults {
 public:
  FileSystem& files() { return files_; }
  std::string path(const std::string& name) { return "/folder/" + name; }

 private:
  MemoryFileSystem under_;
  FaultyFileSystem files_{under_};
};

template <class Subject>
class FileSystemContract : public ::testing::Test {
 protected:
  std::string path(const std::string& name) { return subject_.path(name); }
  std::string folder() { return path("sub"); }

  void create(const std::string& path, std::string_view bytes) {
    auto file = subject_.files().open(path, OpenMode::create);
    ASSERT_TRUE(file.has_value()) << file.error().message;
    ASSERT_TRUE(write_all(**file, 0, bytes).has_value());
    ASSERT_TRUE((*file)->sync().has_value());
  }

  std::string read(const std::string& path) {
    auto file = subject_.files().open(path, OpenMode::read);
    EXPECT_TRUE(file.has_value());
    if (!file) return "(not there)";
    std::string bytes(1000, '\0');
    const auto got = read_up_to(**file, 0, bytes);
    EXPECT_TRUE(got.has_value());
    bytes.resize(got.value_or(0));
    return bytes;
  }

  Subject subject_;
};

using Subjects = ::testing::Types<Posix, Memory, FaultyWithoutFaults>;
TYPED_TEST_SUITE(FileSystemContract, Subjects);

TYPED_TEST(FileSystemContract, WritesAndReadsAtOffsets) {
  FileSystem& files = this->subject_.files();
  this->create(this->path("a"), "hello");
  auto file = files.open(this->path("a"), OpenMode::read_write).value();
  ASSERT_TRUE(write_all(*file, 7, "world").has_value());
  EXPECT_EQ(file->size().value(), 12u);
  EXPECT_EQ(this->read(this->path("a")), std::string("hello\0\0world", 12));
  std::array<char, 3> into{};
  EXPECT_EQ(read_up_to(*file, 10, into).value(), 2u);
  EXPECT_EQ(read_up_to(*file, 99, into).value(), 0u);
}

TYPED_TEST(FileSystemContract, WritesPiecesBehindEachOther) {
  FileSystem& files = this->subject_.files();
  this->create(this->path("a"), "hello");
  auto file = files.open(this->path("a"), OpenMode::read_write).value();
  // More pieces than one call takes, some of them empty.
  std::vector<std::string_view> pieces;
  std::string expected = "he";
  for (int i = 0; i < 3'000; ++i) {
    pieces.push_back(std::string_view("abcdef").substr(0, static_cast<std::size_t>(i % 7)));
    expected += pieces.back();
  }
  ASSERT_TRUE(write_all(*file, 2, pieces).has_value());
  file->begin_sync(0, expected.size());
  ASSERT_TRUE(file->sync().has_value());
  std::string found(expected.size() + 1, '\0');
  EXPECT_EQ(read_up_to(*file, 0, found).value(), expected.size());
  found.pop_back();
  EXPECT_EQ(found, expected);
}

TYPED_TEST(FileSystemContract, AllocatesAndTruncates) {
  FileSystem& files = this->subject_.files();
  this->create(this->path("a"), "hello");
  auto file = files.open(this->path("a"), OpenMode::read_write).value();
  ASSERT_TRUE(file->allocate(8).has_value());
  EXPECT_EQ(this->read(this->path("a")), std::string("hello\0\0\0", 8));
  ASSERT_TRUE(file->allocate(3).has_value());
  EXPECT_EQ(file->size().value(), 8u);
  ASSERT_TRUE(file->truncate(2).has_value());
  EXPECT_EQ(this->read(this->path("a")), "he");
  file->forget_cached();
  EXPECT_EQ(this->read(this->path("a")), "he");
}

TYPED_TEST(FileSystemContract, TellsAbsentFromPresent) {
  FileSystem& files = this->subject_.files();
  EXPECT_EQ(files.open(this->path("a"), OpenMode::read).error().code, ErrorCode::not_found);
  EXPECT_EQ(files.open(this->path("a"), OpenMode::read_write).error().code, ErrorCode::not_found);
  EXPECT_EQ(files.remove(this->path("a")).error().code, ErrorCode::not_found);
  EXPECT_EQ(files.rename(this->path("a"), this->path("b")).error().code, ErrorCode::not_found);
  this->create(this->path("a"), "");
  EXPECT_EQ(files.open(this->path("a"), OpenMode::create).error().code, ErrorCode::conflict);
}

TYPED_TEST(FileSystemContract, RenamesListsAndRemoves) {
  FileSystem& files = this->subject_.files();
  ASSERT_TRUE(files.make_folder(this->folder()).has_value());
  ASSERT_TRUE(files.make_folder(this->folder()).has_value());
  this->create(this->folder() + "/b", "b");
  this->create(this->folder() + "/a", "a");
  this->create(this->folder() + "/c", "c");
  ASSERT_TRUE(files.rename(this->folder() + "/c", this->folder() + "/a").has_value());
  EXPECT_EQ(files.list(this->folder()).value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(this->read(this->folder() + "/a"), "c");
  ASSERT_TRUE(files.remove(this->folder() + "/b").has_value());
  ASSERT_TRUE(files.sync_folder(this->folder()).has_value());
  EXPECT_EQ(files.list(this->folder()).value(), std::vector<std::string>{"a"});
  EXPECT_GT(files.free_bytes(this->folder()).value(), 0u);
}

TEST(PosixFileSystem, NamesPathAndReason) {
  PosixFileSystem files;
  const auto missing = files.open("/no/such/file", OpenMode::read);
  EXPECT_EQ(missing.error().message, "cannot open /no/such/file: No such file or directory");
  EXPECT_EQ(files.list("/no/such").error().code, ErrorCode::not_found);
  // A device that is always full.
  auto full = files.open("/dev/full", OpenMode::read_write).value();
  EXPECT_EQ(write_all(*full, 0, "x").error().code, ErrorCode::disk_full);
}

TEST(MemoryFileSystem, APowerCutLosesOnlyWhatWasNotSynced) {
  Rng rng(7);
  bool kept_some = false;
  bool lost_some = false;
  for (int i = 0; i < 50; ++i) {
    MemoryFileSystem files;
    auto file = files.open("/a", OpenMode::create).value();
    ASSERT_TRUE(write_all(*file, 0, std::string(2048, 'a')).has_value());
    ASSERT_TRUE(file->sync().has_value());
    ASSERT_TRUE(files.sync_folder("").has_value());
    ASSERT_TRUE(write_all(*file, 1000, std::string(100, 'b')).has_value());
    file = nullptr;
    files.cut_power(rng);
    const std::string left = files.content("/a");
    ASSERT_EQ(left.size(), 2048u);
    EXPECT_EQ(left.substr(0, 1000), std::string(1000, 'a'));
    EXPECT_EQ(left.substr(1100), std::string(948, 'a'));
    // Bytes 1000 to 1023 and 1024 to 1099 lie in two sectors, each whole or lost.
    for (const auto& sector : {left.substr(1000, 24), left.substr(1024, 76)}) {
      const bool kept = sector.front() == 'b';
      EXPECT_EQ(sector, std::string(sector.size(), kept ? 'b' : 'a'));
      (kept ? kept_some : lost_some) = true;
    }
  }
  EXPECT_TRUE(kept_some && lost_some);
}

TEST(MemoryFileSystem, APowerCutCanUndoARenameButNotTearIt) {
  Rng rng(7);
  int renamed = 0;
  for (int i = 0; i < 50; ++i) {
    MemoryFileSystem files;
    files.set_content("/f/old", "x");
    ASSERT_TRUE(files.rename("/f/old", "/f/new").has_value());
    files.cut_power(rng);
    const auto names = files.list("/f").value();
    ASSERT_EQ(names.size(), 1u);
    renamed += names.front() == "new" ? 1 : 0;
  }
  EXPECT_GT(renamed, 5);
  EXPECT_LT(renamed, 45);
}

TEST(MemoryFileSystem, HasASize) {
  MemoryFileSystem files;
  files.set_capacity(1000);
  auto file = files.open("/a", OpenMode::create).value();
  ASSERT_TRUE(write_all(*file, 0, std::string(900, 'a')).has_value());
  EXPECT_EQ(files.free_bytes("/").value(), 100u);
  EXPECT_EQ(write_all(*file, 900, std::string(101, 'a')).error().code, ErrorCode::disk_full);
  EXPECT_EQ(file->allocate(1001).error().code, ErrorCode::disk_full);
}

TEST(FaultyFileSystem, FailsTheCallItWasToldTo) {
  MemoryFileSystem under;
  FaultyFileSystem files(under);
  auto file = files.open("/a", OpenMode::create).value();
  files.fail_call(FileCall::sync, 2, ErrorCode::io_failed);
  EXPECT_TRUE(file->sync().has_value());
  EXPECT_EQ(file->sync().error().code, ErrorCode::io_failed);
  EXPECT_TRUE(file->sync().has_value());
  files.fail_call(FileCall::write, 1, ErrorCode::disk_full, true);
  EXPECT_FALSE(write_all(*file, 0, "a").has_value());
  EXPECT_FALSE(write_all(*file, 0, "a").has_value());
  EXPECT_EQ(under.content("/a"), "");
  files.heal();
  files.limit_writes(2);
  EXPECT_TRUE(write_all(*file, 0, "hello").has_value());
  EXPECT_EQ(under.content("/a"), "hello");
  EXPECT_EQ(files.calls(FileCall::write), 5u);

  files.heal();
  files.fail_any_call(2, ErrorCode::io_failed);
  EXPECT_TRUE(write_all(*file, 0, "b").has_value());
  EXPECT_TRUE(files.armed());
  EXPECT_FALSE(files.rename("/a", "/b").has_value());
  EXPECT_FALSE(files.armed());
  EXPECT_TRUE(files.rename("/a", "/b").has_value());
}

#if defined(TIDELINE_FAULTS) && TIDELINE_FAULTS

TEST(Fault, CrashPointsKillOnTheNthPass) {
  const auto pass = [](int times) {
    fault::arm("log.before_sync", 3);
    for (int i = 0; i < times; ++i) {
      fault::crash_point("log.before_sync");
      fault::crash_point("log.after_sync");
    }
    ::_exit(0);
  };
  EXPECT_EXIT(pass(2), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(pass(3), ::testing::KilledBySignal(SIGKILL), "");
}

TEST(Fault, BugsAreOffUntilPlanted) {
  EXPECT_FALSE(fault::planted("bug"));
  fault::plant("bug");
  EXPECT_TRUE(fault::planted("bug"));
  EXPECT_FALSE(fault::planted("other"));
  fault::clear();
  EXPECT_FALSE(fault::planted("bug"));
}

#endif

}  // namespace
}  // namespace tideline
