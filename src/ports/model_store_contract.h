// The contract suite of ModelStore: what every implementation must do. A Subject type gives the
// store:
//
//   struct Subject {
//     ModelStore& store();
//     bool reopen();       // closes and opens the store; false: it does not survive that
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Name, ModelStoreContract, Subject);
#pragma once

#include <gtest/gtest.h>

#include "ports/model_store.h"

namespace tideline {

template <class Subject>
class ModelStoreContract : public ::testing::Test {
 protected:
  ModelStore& store() { return subject_.store(); }

  static ModelFiles files(const std::string& mark) {
    std::string weights = mark;
    for (int byte = 0; byte < 256; ++byte) weights.push_back(char(byte));
    return {{"manifest.json", "{\"mark\":\"" + mark + "\"}"},
            {"weights.safetensors", weights},
            {"empty", ""}};
  }

  ErrorCode code_of_save(const ModelKey& key, const ModelFiles& bundle) {
    const Status saved = store().save(key, bundle);
    EXPECT_FALSE(saved.has_value());
    return saved ? ErrorCode::internal : saved.error().code;
  }

  Subject subject_;
};
TYPED_TEST_SUITE_P(ModelStoreContract);

TYPED_TEST_P(ModelStoreContract, GivesBackWhatWasSaved) {
  const auto bundle = this->files("a");
  ASSERT_TRUE(this->store().save({"shop-health", "v1"}, bundle).has_value());
  const auto loaded = this->store().load({"shop-health", "v1"});
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(*loaded, bundle);
  if (!this->subject_.reopen()) return;
  const auto again = this->store().load({"shop-health", "v1"});
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(*again, bundle);
}

TYPED_TEST_P(ModelStoreContract, NeverReplacesAVersion) {
  ASSERT_TRUE(this->store().save({"shop-health", "v1"}, this->files("a")).has_value());
  EXPECT_EQ(this->code_of_save({"shop-health", "v1"}, this->files("b")), ErrorCode::conflict);
  EXPECT_EQ(*this->store().load({"shop-health", "v1"}), this->files("a"));
}

TYPED_TEST_P(ModelStoreContract, ListsByNameAndNumber) {
  EXPECT_TRUE(this->store().list()->empty());
  const std::vector<ModelKey> sorted{
      {"a-health", "v1"}, {"a-health", "v2"}, {"a-health", "v10"}, {"b", "v1"}};
  for (const std::size_t i : {3, 2, 0, 1}) {
    ASSERT_TRUE(this->store().save(sorted[i], this->files("x")).has_value());
  }
  EXPECT_EQ(*this->store().list(), sorted);
}

TYPED_TEST_P(ModelStoreContract, RefusesNamesThatAreNoNames) {
  for (const char* bad : {"", ".", "..", "a/b", "A", "a b", ".hidden", "a\n"}) {
    EXPECT_EQ(this->code_of_save({bad, "v1"}, this->files("a")), ErrorCode::invalid) << bad;
    EXPECT_EQ(this->code_of_save({"a", bad}, this->files("a")), ErrorCode::invalid) << bad;
    auto bundle = this->files("a");
    bundle[bad] = "x";
    EXPECT_EQ(this->code_of_save({"a", "v1"}, bundle), ErrorCode::invalid) << bad;
  }
  EXPECT_EQ(this->code_of_save({"a", "v1"}, {{"weights.safetensors", "x"}}), ErrorCode::invalid);
  EXPECT_TRUE(this->store().list()->empty());
}

TYPED_TEST_P(ModelStoreContract, RemovesOneVersion) {
  ASSERT_TRUE(this->store().save({"a", "v1"}, this->files("1")).has_value());
  ASSERT_TRUE(this->store().save({"a", "v2"}, this->files("2")).has_value());
  ASSERT_TRUE(this->store().remove({"a", "v1"}).has_value());
  EXPECT_EQ(*this->store().list(), (std::vector<ModelKey>{{"a", "v2"}}));
  EXPECT_EQ(this->store().load({"a", "v1"}).error().code, ErrorCode::not_found);
  EXPECT_EQ(this->store().remove({"a", "v1"}).error().code, ErrorCode::not_found);
  // The number is free again.
  EXPECT_TRUE(this->store().save({"a", "v1"}, this->files("3")).has_value());
}

TYPED_TEST_P(ModelStoreContract, DoesNotKnowOthers) {
  EXPECT_EQ(this->store().load({"a", "v1"}).error().code, ErrorCode::not_found);
  EXPECT_EQ(this->store().load({"..", "v1"}).error().code, ErrorCode::not_found);
  EXPECT_EQ(this->store().remove({"a", "../.."}).error().code, ErrorCode::not_found);
}

REGISTER_TYPED_TEST_SUITE_P(ModelStoreContract, GivesBackWhatWasSaved, NeverReplacesAVersion,
                            ListsByNameAndNumber, RefusesNamesThatAreNoNames, RemovesOneVersion,
                            DoesNotKnowOthers);

}  // namespace tideline
