// ModelRegistry: promotion, rolling back, the shadow, and what is refused, with words that help.
#include "pipeline/model_registry.h"

#include <gmock/gmock.h>

#include "base/rng.h"
#include "pipeline/test_models.h"
#include "ports/memory_model_store.h"
#include "ports/memory_state_store.h"
#include "scoring/test_pack.h"

namespace tideline {
namespace {

using testing::HasSubstr;

class ModelRegistryTest : public ::testing::Test {
 protected:
  ModelKey add(const std::string& version) {
    const ModelKey key{"shop-health", version};
    EXPECT_TRUE(registry_.add(key, files_of(*pack_, version)));
    return key;
  }
  std::string active() {
    const auto key = registry_.active();
    EXPECT_TRUE(key.has_value());
    return key && *key ? name_of(**key) : "";
  }

  std::shared_ptr<const Pack> pack_ = test_pack();
  MemoryModelStore models_;
  MemoryStateStore state_;
  ModelRegistry registry_{*pack_, models_, state_};
};

TEST_F(ModelRegistryTest, PromotesAndRollsBackOverSeveralVersions) {
  EXPECT_EQ(active(), "");
  EXPECT_EQ(registry_.load_active().value(), nullptr);
  EXPECT_EQ(registry_.roll_back().error().reason, "no_earlier_model");
  for (const char* version : {"v1", "v2", "v3"}) ASSERT_TRUE(registry_.promote(add(version)));
  EXPECT_EQ(active(), "shop-health-v3");
  EXPECT_EQ(registry_.load_active().value()->version(), "shop-health-v3");
  EXPECT_EQ(name_of(registry_.roll_back().value()), "shop-health-v2");
  EXPECT_EQ(name_of(registry_.roll_back().value()), "shop-health-v1");
  EXPECT_EQ(active(), "shop-health-v1");
  EXPECT_EQ(registry_.roll_back().error().code, ErrorCode::refused);
  EXPECT_EQ(active(), "shop-health-v1");
}

TEST_F(ModelRegistryTest, PromotingWhatIsActiveChangesNothing) {
  const ModelKey v1 = add("v1"), v2 = add("v2");
  ASSERT_TRUE(registry_.promote(v1));
  ASSERT_TRUE(registry_.promote(v2));
  ASSERT_TRUE(registry_.promote(v2));
  EXPECT_EQ(name_of(registry_.roll_back().value()), "shop-health-v1");
}

TEST_F(ModelRegistryTest, AVersionIsFoundByEitherName) {
  add("v1");
  add("v2");
  EXPECT_EQ(name_of(registry_.find("v2").value()), "shop-health-v2");
  EXPECT_EQ(name_of(registry_.find("shop-health-v1").value()), "shop-health-v1");
  const auto unknown = registry_.find("shop-health-v3");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::not_found);
  EXPECT_THAT(unknown.error().message, HasSubstr("there are shop-health-v1, shop-health-v2"));
}

TEST_F(ModelRegistryTest, TheShadowIsNeverTheOneInProduction) {
  const ModelKey v1 = add("v1"), v2 = add("v2");
  ASSERT_TRUE(registry_.promote(v1));
  EXPECT_EQ(registry_.begin_shadow(v1).error().reason, "already_in_production");
  ASSERT_TRUE(registry_.begin_shadow(v2));
  EXPECT_EQ(registry_.load_shadow().value()->version(), "shop-health-v2");
  EXPECT_EQ(active(), "shop-health-v1");
  ASSERT_TRUE(registry_.promote(v2)) << "promotion ends the shadow";
  EXPECT_EQ(registry_.load_shadow().value(), nullptr);
  EXPECT_EQ(registry_.end_shadow().error().reason, "no_shadow_model");
  ASSERT_TRUE(registry_.begin_shadow(v1));
  ASSERT_TRUE(registry_.end_shadow());
  EXPECT_FALSE(registry_.roles()->shadow);
}

TEST_F(ModelRegistryTest, AnotherRegistryOverTheSameStateSeesTheSame) {
  ASSERT_TRUE(registry_.promote(add("v1")));
  ASSERT_TRUE(registry_.promote(add("v2")));
  ASSERT_TRUE(registry_.begin_shadow(add("v3")));
  ModelRegistry other(*pack_, models_, state_);
  EXPECT_EQ(name_of(*other.roles()->active), "shop-health-v2");
  EXPECT_EQ(name_of(*other.roles()->shadow), "shop-health-v3");
  EXPECT_EQ(name_of(other.roll_back().value()), "shop-health-v1");
}

// A pack with one feature more, and one gone.
std::shared_ptr<const Pack> changed_pack() {
  std::string text = kTestPack;
  const auto put = [&](const std::string& old, const std::string& fresh) {
    text.replace(text.find(old), old.size(), fresh);
  };
  put("name = \"looked_30d\"", "name = \"looked_60d\"");
  put("'count(\"Looked\", 30d)'", "'count(\"Looked\", 60d)'");
  auto pack = Pack::parse(text, "changed.toml");
  EXPECT_TRUE(pack.has_value());
  return *pack;
}

TEST_F(ModelRegistryTest, RefusesOtherFeaturesAndNamesThem) {
  const auto changed = changed_pack();
  ASSERT_TRUE(registry_.promote(add("v1")));
  const ModelKey other{"shop-health", "v2"};
  ASSERT_TRUE(registry_.add(other, files_of(*changed, "v2")));
  const auto refused = registry_.promote(other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
  EXPECT_EQ(refused.error().reason, "feature_hash_mismatch");
  EXPECT_THAT(refused.error().message,
              HasSubstr("it needs features that the pack does not have: looked_60d; it does not "
                        "know looked_30d"));
  EXPECT_EQ(active(), "shop-health-v1");
  EXPECT_FALSE(registry_.begin_shadow(other));
}

TEST_F(ModelRegistryTest, RefusesOtherDefinitionsOfTheSameNames) {
  std::string text = kTestPack;
  const std::string old = "'count(\"Looked\", 30d)'";
  text.replace(text.find(old), old.size(), "'count(\"Looked\", 31d)'");
  const auto changed = Pack::parse(text, "changed.toml");
  ASSERT_TRUE(changed);
  const ModelKey other{"shop-health", "v1"};
  ASSERT_TRUE(registry_.add(other, files_of(**changed, "v1")));
  EXPECT_THAT(registry_.promote(other).error().message, HasSubstr("computes some of them"));
}

TEST_F(ModelRegistryTest, RefusesOtherTasks) {
  std::string text = kTestPack;
  const std::string old = "name = \"velocity\"";
  text.replace(text.find(old), old.size(), "name = \"pace\"");
  const auto changed = Pack::parse(text, "changed.toml");
  ASSERT_TRUE(changed);
  const ModelKey other{"shop-health", "v1"};
  ASSERT_TRUE(registry_.add(other, files_of(**changed, "v1")));
  const auto refused = registry_.promote(other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "task_mismatch");
  EXPECT_THAT(refused.error().message, HasSubstr("pace"));
}

TEST_F(ModelRegistryTest, ATableModelIsListedAndScoresNoCustomers) {
  const ModelKey key{"shop-health", "v1"};
  Model model = linear_model(*changed_pack(), "v1", -0.5, true);
  const std::size_t width = model.feature_count();
  ASSERT_TRUE(registry_.add(key, model.to_files({1, std::vector<double>(width, 1), {5}, {}})));
  EXPECT_EQ(registry_.promote(key).error().reason, "table_model");
  const auto versions = registry_.list().value();
  ASSERT_EQ(versions.size(), 1u);
  EXPECT_EQ(versions[0].problem, "");
  EXPECT_TRUE(versions[0].manifest.has_value());
}

TEST_F(ModelRegistryTest, RefusesDamageAndKeepsWhatWorks) {
  ASSERT_TRUE(registry_.promote(add("v1")));
  const ModelFiles whole = files_of(*pack_, "v2");
  int number = 2;
  for (const auto& [name, bytes] : whole) {
    ModelFiles broken = whole;
    broken[name][bytes.size() / 2] ^= 1;
    const ModelKey key{"shop-health", "v" + std::to_string(number++)};
    ASSERT_TRUE(registry_.add(key, broken));
    EXPECT_EQ(registry_.promote(key).error().code, ErrorCode::corrupt) << name;
    if (name == "manifest.json") continue;
    broken.erase(name);
    const ModelKey lacking{"shop-health", "v" + std::to_string(number++)};
    ASSERT_TRUE(registry_.add(lacking, broken));
    if (name == kDriftFile) continue;  // drift is then told from the first scoring
    EXPECT_FALSE(registry_.promote(lacking)) << name;
  }
  EXPECT_EQ(active(), "shop-health-v1");
}

TEST_F(ModelRegistryTest, RefusesEachOf500FlippedBits) {
  const std::uint64_t seed = 500;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Rng rng(seed);
  const ModelKey key{"shop-health", "v1"};
  const ModelFiles whole = files_of(*pack_, "v1");
  for (int flip = 0; flip < 500; ++flip) {
    auto file = std::next(whole.begin(), static_cast<std::ptrdiff_t>(rng.below(whole.size())));
    ModelFiles broken = whole;
    std::string& bytes = broken[file->first];
    const std::uint64_t bit = rng.below(bytes.size() * 8);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    ASSERT_TRUE(models_.save(key, broken));
    EXPECT_FALSE(registry_.load(key)) << file->first << " bit " << bit;
    ASSERT_TRUE(models_.remove(key));
  }
}

TEST_F(ModelRegistryTest, CannotRollBackToWhatIsBroken) {
  ASSERT_TRUE(registry_.promote(add("v1")));
  ASSERT_TRUE(registry_.promote(add("v2")));
  ASSERT_TRUE(models_.remove({"shop-health", "v1"}));
  const auto back = registry_.roll_back();
  ASSERT_FALSE(back);
  EXPECT_THAT(back.error().message, HasSubstr("nothing was changed"));
  EXPECT_EQ(active(), "shop-health-v2");
}

}  // namespace
}  // namespace tideline
