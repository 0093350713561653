// Models as a service.
#include <gmock/gmock.h>

#include <sstream>

#include "api/test_api.h"

namespace tideline {
namespace {

using testing::HasSubstr;

TEST(ModelRoutesTest, RowsInFiguresOut) {
  TestApi api;
  const auto answer = api.post("/invocations", "4,0,5,1\r\n0,,,\n\"4\", 0 ,5e0,+1\n");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.headers.get("Content-Type").value_or(""), "text/csv; charset=utf-8");
  std::vector<std::string> rows;
  std::istringstream lines(answer.body);
  for (std::string line; std::getline(lines, line);) rows.push_back(line);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(rows[0].ends_with(",70,1.1")) << rows[0];
  EXPECT_TRUE(rows[1].ends_with(",10,0.1")) << rows[1];
  EXPECT_EQ(rows[2], rows[0]);
  EXPECT_EQ(std::count(rows[0].begin(), rows[0].end(), ','), 3);
}

TEST(ModelRoutesTest, TheSameFiguresAsInAPrediction) {
  TestApi api;
  api.add_customer("c", 4);
  api.settle();
  const auto features = json_of(api.get("/api/v1/customers/c/features")).at("features");
  std::string row;
  for (const auto& feature : features.as_object()) {
    row += (row.empty() ? "" : ",") + boost::json::serialize(feature.value());
  }
  const auto prediction = json_of(api.get("/health?customer_id=c"));
  const auto answer = api.post("/invocations", row);
  ASSERT_EQ(answer.status, 200) << answer.body;
  std::istringstream cells(answer.body);
  for (const TaskSpec& task : api.pack->tasks()) {
    std::string cell;
    std::getline(cells, cell, ',');
    EXPECT_EQ(std::stod(cell), prediction.at(task.name).to_number<double>()) << task.name;
  }
}

TEST(ModelRoutesTest, AWrongRowIsNamed) {
  TestApi api;
  const std::pair<const char*, const char*> cases[] = {
      {"1,2,3", "row 1 has 3 cells"},
      {"1,2,3,4\n1,2,3,4,5\n", "row 2 has 5 cells"},
      {"1,2,3,4\n\n1,2,3,4\n", "row 2 has 1 cells"},
      {"1,2,3,4\n1,x,3,4\n", "row 2 cell 2"},
      {"1,2,3,inf", "row 1 cell 4"},
      {"nan,2,3,4", "row 1 cell 1"},
      {"1,2,3,1e999", "row 1 cell 4"},
      {"{\"features\":{}}", "no \\\"instances\\\""}};
  for (const auto& [body, words] : cases) {
    const auto answer = api.post("/invocations", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(code_of(answer), "bad_row");
    EXPECT_THAT(answer.body, HasSubstr(words));
  }
  EXPECT_EQ(api.post("/invocations", "").status, 400);
  EXPECT_EQ(api.get("/invocations").status, 405);
}

TEST(ModelRoutesTest, WithoutAModelNothingIsInvented) {
  TestApi api({.with_model = false});
  const auto answer = api.post("/invocations", "1,2,3,4");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(code_of(answer), "no_model");
  EXPECT_EQ(api.get("/ping").status, 503);
  EXPECT_EQ(json_of(api.get("/healthz")).at("status"), "degraded");
  EXPECT_EQ(json_of(api.get("/healthz")).at("reason"), "no_model");
  EXPECT_TRUE(json_of(api.get("/api/v1/models")).at("data").as_array().empty());
  api.add_customer("c", 4);
  api.settle();
  const auto prediction = json_of(api.get("/health?customer_id=c"));
  EXPECT_EQ(prediction.at("status"), "unscored");
  EXPECT_EQ(prediction.at("reason"), "no_model");
}

TEST(ModelRoutesTest, VersionsAreListedAndOneIsActive) {
  TestApi api;
  EXPECT_EQ(json_of(api.get("/ping")).at("model_version"), "shop-health-v1");
  Model model = test_model(*api.pack);
  const GoldenRows golden{1, {1, 2, 3, 4}, {5}, {}};
  ASSERT_TRUE(api.models.add_and_activate({"shop-health", "v1"}, model.to_files(golden)));
  ModelFiles broken = model.to_files(golden);
  broken["weights.safetensors"] += "x";
  ASSERT_TRUE(api.model_store.save({"shop-health", "v2"}, broken));
  const auto json = json_of(api.get("/api/v1/models"));
  const auto& models = json.at("data").as_array();
  ASSERT_EQ(models.size(), 2U);
  EXPECT_EQ(models[0].at("id"), "shop-health-v1");
  EXPECT_EQ(models[0].at("active"), true);
  EXPECT_EQ(models[0].at("tasks").as_array()[2].at("champion"), "linear");
  EXPECT_TRUE(models[0].at("problem").is_null());
  EXPECT_EQ(models[1].at("active"), false);
  EXPECT_EQ(models[0].at("shadow"), false);
  EXPECT_FALSE(models[1].at("problem").as_string().empty());
}

TEST(ModelRoutesTest, TheEvaluationOfAVersion) {
  TestApi api;
  Model model = test_model(*api.pack);
  const GoldenRows golden{1, {1, 2, 3, 4}, {5}, {}};
  ASSERT_TRUE(api.models.add_and_activate({"shop-health", "v1"}, model.to_files(golden)));
  for (const char* id : {"shop-health-v1", "v1"}) {
    const auto json = json_of(api.get(std::string("/api/v1/models/") + id + "/evaluation"));
    EXPECT_EQ(json.at("id"), "shop-health-v1");
    EXPECT_EQ(json.at("active"), true);
    EXPECT_TRUE(json.at("evaluation").at("tasks").is_array());
    EXPECT_TRUE(json.at("realised").is_null());
  }
  const auto unknown = api.get("/api/v1/models/v2/evaluation");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(code_of(unknown), "unknown_model");
}

}  // namespace
}  // namespace tideline
