#include "adapters/rocksdb/rocksdb_store.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/memory_file_system.h"
#include "ports/state_store_contract.h"

namespace tideline {
namespace {

namespace fs = std::filesystem;

class TempFolder {
 public:
  TempFolder() {
    std::string path = testing::TempDir() + "tideline-state-XXXXXX";
    path_ = ::mkdtemp(path.data());
  }
  ~TempFolder() { fs::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

RocksDbStore::Options options_in(const TempFolder& folder) {
  RocksDbStore::Options options;
  options.folder = folder.path() + "/state";
  options.cache_bytes = 8 << 20;
  return options;
}

std::unique_ptr<RocksDbStore> open(const RocksDbStore::Options& options) {
  auto store = RocksDbStore::open(options);
  EXPECT_TRUE(store.has_value()) << store.error().message;
  return store ? *std::move(store) : nullptr;
}

Status put(StateStore& store, std::string key, std::string value,
           Durability durability = Durability::later) {
  WriteBatch batch;
  batch.put(Family::customers, std::move(key), std::move(value));
  return store.write(batch, durability);
}

class RocksDbSubject {
 public:
  StateStore& store() { return *store_; }
  bool reopen() {
    store_.reset();
    store_ = open(options_in(folder_));
    return true;
  }

 private:
  TempFolder folder_;
  std::unique_ptr<RocksDbStore> store_ = open(options_in(folder_));
};

INSTANTIATE_TYPED_TEST_SUITE_P(RocksDb, StateStoreContract, RocksDbSubject);

TEST(RocksDbStore, IsOpenedByOneProcess) {
  const TempFolder folder;
  const auto store = open(options_in(folder));
  const auto second = RocksDbStore::open(options_in(folder));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::unavailable);
  EXPECT_NE(second.error().message.find("another process"), std::string::npos);
}

TEST(RocksDbStore, ReadOnlyReadsAndRefusesWrites) {
  const TempFolder folder;
  auto options = options_in(folder);
  options.read_only = true;
  EXPECT_FALSE(RocksDbStore::open(options).has_value());
  {
    const auto store = open(options_in(folder));
    ASSERT_TRUE(put(*store, "a", "1", Durability::now).has_value());
  }
  const auto reader = open(options);
  EXPECT_EQ(reader->get(Family::customers, "a").value(), "1");
  const Status refused = put(*reader, "a", "2");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
}

TEST(RocksDbStore, RefusesWritesBeforeTheReserveIsUsedAndResumes) {
  const TempFolder folder;
  MemoryFileSystem disk;  // asked for its free space only
  disk.set_capacity(100 << 20);
  auto options = options_in(folder);
  options.files = &disk;
  options.reserve_bytes = 64 << 20;
  fs::create_directories(options.folder);
  const auto store = open(options);
  ASSERT_TRUE(put(*store, "a", "1").has_value());
  disk.set_capacity(63 << 20);
  const Status refused = put(*store, "a", "2");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::disk_full);
  EXPECT_EQ(store->get(Family::customers, "a").value(), "1");
  disk.set_capacity(100 << 20);
  EXPECT_TRUE(put(*store, "a", "3").has_value());
}

TEST(RocksDbStore, ACopyGoesItsOwnWay) {
  const TempFolder folder;
  const auto store = open(options_in(folder));
  ASSERT_TRUE(put(*store, "a", "1").has_value());
  WriteBatch other;
  other.put(Family::links, "l", "2");
  ASSERT_TRUE(store->write(other, Durability::later).has_value());
  RocksDbStore::Options options = options_in(folder);
  options.folder += ".copy";
  ASSERT_TRUE(store->copy_to(options.folder).has_value());
  ASSERT_TRUE(put(*store, "b", "3").has_value());
  {
    const auto copy = open(options);
    EXPECT_EQ(copy->get(Family::customers, "a").value(), "1");
    EXPECT_EQ(copy->get(Family::customers, "b").value(), std::nullopt);
    ASSERT_TRUE(copy->clear(Family::customers).has_value());
    EXPECT_EQ(copy->get(Family::customers, "a").value(), std::nullopt);
    EXPECT_EQ(copy->get(Family::links, "l").value(), "2");
    ASSERT_TRUE(put(*copy, "c", "4").has_value());
  }
  const auto again = open(options);
  EXPECT_EQ(again->get(Family::customers, "a").value(), std::nullopt);
  EXPECT_EQ(again->get(Family::customers, "c").value(), "4");
  EXPECT_EQ(store->get(Family::customers, "a").value(), "1");
  EXPECT_EQ(store->get(Family::customers, "b").value(), "3");
}

// The first table file of the store, or an empty path.
fs::path a_table(const std::string& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".sst") return entry.path();
  }
  return {};
}

void flip_byte(const fs::path& file, std::streamoff at) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(at);
  const char byte = static_cast<char>(stream.get() ^ 0x10);
  stream.seekp(at);
  stream.put(byte);
}

TEST(RocksDbStore, VerifyFindsAFlippedBit) {
  const TempFolder folder;
  Rng rng(test_seed());
  {
    const auto store = open(options_in(folder));
    for (int i = 0; i < 2000; ++i) {
      std::string value(200, '\0');
      for (auto& byte : value) byte = static_cast<char>(rng.below(256));
      ASSERT_TRUE(put(*store, std::to_string(i), std::move(value)).has_value());
    }
    ASSERT_TRUE(store->compact().has_value());
    EXPECT_GE(store->verify().value(), 1u);
  }
  const fs::path table = a_table(options_in(folder).folder);
  ASSERT_FALSE(table.empty());
  flip_byte(table, static_cast<std::streamoff>(fs::file_size(table) / 2));
  const auto store = open(options_in(folder));
  const auto verified = store->verify();
  ASSERT_FALSE(verified.has_value());
  EXPECT_EQ(verified.error().code, ErrorCode::corrupt);
  EXPECT_NE(verified.error().message.find(".sst"), std::string::npos) << verified.error().message;
  // A read that meets the damage says so too.
  const Status scanned = store->scan(Family::customers, "", "", [](auto, auto) { return true; });
  ASSERT_FALSE(scanned.has_value());
  EXPECT_EQ(scanned.error().code, ErrorCode::corrupt);
}

TEST(RocksDbStore, AMissingTableIsCorrupt) {
  const TempFolder folder;
  {
    const auto store = open(options_in(folder));
    ASSERT_TRUE(put(*store, "a", "1").has_value());
    ASSERT_TRUE(store->compact().has_value());
  }
  fs::remove(a_table(options_in(folder).folder));
  const auto store = RocksDbStore::open(options_in(folder));
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().code, ErrorCode::corrupt) << store.error().message;
}

}  // namespace
}  // namespace tideline
