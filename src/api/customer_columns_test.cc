// The columns find what the scan finds, in the same order, while predictions change.
#include "api/customer_columns.h"

#include <gtest/gtest.h>

#include <iostream>

#include "api/test_api.h"
#include "base/rng.h"

namespace tideline {
namespace {

// A store of predictions and columns that hear of every change.
class ColumnsTest : public ::testing::Test {
 protected:
  void put(const std::string& id, std::vector<std::optional<double>> figures,
           const std::string& tier) {
    KeptPrediction kept;
    kept.prediction.customer = CustomerId(id);
    kept.prediction.figures = std::move(figures);
    kept.prediction.tier = tier;
    WriteBatch writes;
    writes.put(Family::predictions, id, encode(kept));
    ASSERT_TRUE(state.write(writes, Durability::later).has_value());
    const PredictionChange change{nullptr, &kept, true};
    columns.note(std::span(&change, 1));
  }
  void put_random(Rng& rng) {
    std::vector<std::optional<double>> figures(pack->tasks().size());
    for (auto& figure : figures) {
      if (rng.below(5) > 0) figure = static_cast<double>(rng.below(20)) / 4;
    }
    const auto& tiers = pack->tiers();
    const std::size_t tier = rng.below(tiers.size() + 1);
    put((rng.below(2) ? "Cust-" : "x") + std::to_string(rng.below(300)), figures,
        tier < tiers.size() ? tiers[tier] : "");
  }
  CustomerQuery random_query(Rng& rng) {
    CustomerQuery query;
    if (rng.below(3) == 0) query.tier = pack->tiers()[rng.below(pack->tiers().size())];
    if (rng.below(3) == 0) query.text = rng.below(2) ? "cUST-1" : "9";
    if (rng.below(3) == 0) {
      query.bounds.push_back({rng.below(pack->tasks().size()),
                              static_cast<FigureBound::Op>(rng.below(4)),
                              static_cast<double>(rng.below(20)) / 4});
    }
    if (rng.below(2)) query.task = rng.below(pack->tasks().size());
    query.descending = rng.below(2);
    query.limit = 1 + rng.below(40);
    return query;
  }
  CustomerPage page(const CustomerQuery& query, bool by_columns) {
    auto found = find_customers(*pack, state, query, by_columns ? &columns : nullptr);
    EXPECT_TRUE(found.has_value());
    return found ? *std::move(found) : CustomerPage{};
  }
  static std::vector<std::string> ids(const CustomerPage& page) {
    std::vector<std::string> ids;
    for (const Prediction& row : page.rows) ids.push_back(row.customer.str());
    return ids;
  }

  std::shared_ptr<const Pack> pack = test_pack();
  MemoryStateStore state;
  CustomerColumns columns{*pack, state};
};

TEST_F(ColumnsTest, FindsWhatTheScanFinds) {
  const std::uint64_t seed = 20260131;
  std::cout << "seed " << seed << '\n';
  Rng rng(seed);
  for (int round = 0; round < 400; ++round) {
    for (int i = 0; i < 3; ++i) put_random(rng);
    CustomerQuery query = random_query(rng);
    query.skip = rng.below(3) ? 0 : rng.below(50);
    const CustomerPage fast = page(query, true);
    const CustomerPage slow = page(query, false);
    ASSERT_EQ(ids(fast), ids(slow)) << "round " << round;
    ASSERT_EQ(fast.next_cursor, slow.next_cursor) << "round " << round;
    CustomerQuery all = query;
    all.skip = 0;
    all.limit = 1000;
    ASSERT_EQ(fast.total, ids(page(all, false)).size());
  }
}

TEST_F(ColumnsTest, PagesByCursorAndBySkipAreTheSame) {
  Rng rng(7);
  for (int i = 0; i < 400; ++i) put_random(rng);
  for (const char* sort : {"", "-customer_id", "health_score", "-health_score"}) {
    std::vector<std::string> by_cursor;
    std::string cursor;
    do {
      const auto parameters = http::Query::parse("limit=7&sort=" + std::string(sort) +
                                                 (cursor.empty() ? "" : "&cursor=" + cursor));
      const auto query = parse_customer_query(*pack, *parameters);
      ASSERT_TRUE(query.has_value()) << query.error().message;
      const CustomerPage found = page(*query, true);
      for (const std::string& id : ids(found)) by_cursor.push_back(id);
      cursor = found.next_cursor;
    } while (!cursor.empty());
    std::vector<std::string> by_skip;
    for (std::size_t skip = 0; skip < by_cursor.size(); skip += 11) {
      const auto parameters = http::Query::parse("limit=11&sort=" + std::string(sort) +
                                                 "&skip=" + std::to_string(skip));
      for (const std::string& id : ids(page(*parse_customer_query(*pack, *parameters), true)))
        by_skip.push_back(id);
    }
    EXPECT_EQ(by_cursor, by_skip) << sort;
    EXPECT_GT(by_cursor.size(), 100u);
  }
}

TEST_F(ColumnsTest, AStoreThatWasSwappedIsReadAgain) {
  put("a", {0.5}, "");
  EXPECT_EQ(ids(page({}, true)), std::vector<std::string>{"a"});
  WriteBatch swap;  // as a replay does, without telling of each
  swap.remove(Family::predictions, "a");
  ASSERT_TRUE(state.write(swap, Durability::later).has_value());
  columns.note({});
  put("b", {0.5}, "");
  EXPECT_EQ(ids(page({}, true)), std::vector<std::string>{"b"});
}

TEST_F(ColumnsTest, TooManyCustomersAreLeftToTheScan) {
  CustomerColumns few(*pack, state, 2);
  put("a", {0.5}, "");
  put("b", {0.5}, "");
  EXPECT_TRUE((*few.find({})).has_value());
  put("c", {0.5}, "");
  CustomerColumns still_few(*pack, state, 2);
  EXPECT_FALSE((*still_few.find({})).has_value());
  const auto found = find_customers(*pack, state, {}, &still_few);
  EXPECT_EQ(found->rows.size(), 3u);
  EXPECT_EQ(found->total, std::nullopt);
}

TEST(CustomerListTest, SkipAndTotalOverHttp) {
  TestApi api;
  for (const char* id : {"a", "b", "c", "d"}) api.add_customer(id, 2);
  api.settle();
  const auto page = json_of(api.get("/api/v1/customers?skip=1&limit=2"));
  EXPECT_EQ(page.at("total"), 4);
  EXPECT_EQ(page.at("data").at(0).at("customer_id"), "b");
  EXPECT_EQ(page.at("data").as_array().size(), 2u);
  EXPECT_EQ(json_of(api.get("/api/v1/customers?q=C")).at("total"), 1);
  EXPECT_EQ(api.get("/api/v1/customers?skip=-1").status, 400);
  const std::string cursor(page.at("next_cursor").as_string());
  EXPECT_EQ(api.get("/api/v1/customers?skip=1&cursor=" + cursor).status, 400);
}

TEST(CustomerListTest, CsvHasTheColumnsThatWereAskedFor) {
  TestApi api;
  api.add_customer("=HYPERLINK(\"http://x\")", 4);
  api.settle();
  http::Headers headers;
  headers.add("Accept", "text/csv");
  const auto answer = api.get("/api/v1/customers?columns=tier,customer_id", headers);
  EXPECT_EQ(answer.body, "tier,customer_id\r\nhealthy,\"'=HYPERLINK(\"\"http://x\"\")\"\r\n");
  EXPECT_EQ(api.get("/api/v1/customers?columns=nothing", headers).status, 400);
}

}  // namespace
}  // namespace tideline
