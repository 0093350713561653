#include "adapters/model_files/model_files.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "ports/model_store_contract.h"

namespace tideline {
namespace {

namespace fs = std::filesystem;

// A temporary folder that goes with the test.
class OnDisk {
 public:
  OnDisk() : folder_(testing::TempDir() + "tideline-models-XXXXXX") {
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
    reopen();
  }
  ~OnDisk() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  ModelStore& store() { return *store_; }
  bool reopen() {
    auto opened = ModelFilesStore::open({folder_ + "/models", &files_});
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(*opened);
    return true;
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return folder_ + "/models/" + name;
  }

 private:
  std::string folder_;
  PosixFileSystem files_;
  std::unique_ptr<ModelFilesStore> store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Folder, ModelStoreContract, OnDisk);

const ModelFiles kBundle{{"manifest.json", "{}"}, {"weights.safetensors", "w"}};

TEST(ModelFilesStore, LaysFilesOutByNameAndVersion) {
  OnDisk disk;
  ASSERT_TRUE(disk.store().save({"a-health", "v1"}, kBundle).has_value());
  EXPECT_TRUE(fs::is_regular_file(disk.path("a-health/v1/manifest.json")));
  EXPECT_TRUE(fs::is_regular_file(disk.path("a-health/v1/weights.safetensors")));
}

TEST(ModelFilesStore, SweepsWhatACrashLeftAndNeverListsIt) {
  OnDisk disk;
  ASSERT_TRUE(disk.store().save({"a", "v1"}, kBundle).has_value());
  fs::create_directories(disk.path("a/.saving-v2"));
  std::ofstream(disk.path("a/.saving-v2/manifest.json")) << "{";
  EXPECT_EQ(disk.store().list()->size(), 1U);
  disk.reopen();
  EXPECT_FALSE(fs::exists(disk.path("a/.saving-v2")));
  EXPECT_TRUE(disk.store().save({"a", "v2"}, kBundle).has_value());
}

TEST(ModelFilesStore, AVersionWithoutManifestIsCorrupt) {
  OnDisk disk;
  ASSERT_TRUE(disk.store().save({"a", "v1"}, kBundle).has_value());
  fs::remove(disk.path("a/v1/manifest.json"));
  EXPECT_EQ(disk.store().load({"a", "v1"}).error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace tideline
