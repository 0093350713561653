// Models as a service: JSON rows, SageMaker's path, /api/v1/predict, the Open Inference Protocol.
#include <gmock/gmock.h>

#include "api/test_api.h"

namespace tideline {
namespace {

using boost::json::value;
using testing::HasSubstr;

http::Headers headers(const char* type, const char* accept = nullptr) {
  http::Headers fields;
  fields.add("Content-Type", type);
  if (accept != nullptr) fields.add("Accept", accept);
  return fields;
}

std::string type_of(const http::ClientResponse& answer) {
  return std::string(answer.headers.get("Content-Type").value_or(""));
}

TEST(InvocationRoutesTest, JsonRowsGiveWhatCsvGives) {
  TestApi api;
  const auto csv = api.post("/invocations", "4,0,5,1\n0,,,\n");
  const char* body = R"({"instances":[[4,0,5.0,1],{"bought_30d":0}]})";
  const auto as_csv = api.post("/invocations", body, headers("application/json", "text/csv"));
  ASSERT_EQ(as_csv.status, 200) << as_csv.body;
  EXPECT_EQ(as_csv.body, csv.body);
  const auto json = api.post("/invocations", body);
  ASSERT_EQ(json.status, 200) << json.body;
  EXPECT_EQ(type_of(json), "application/json");
  const value answer = json_of(json);
  const auto& predictions = answer.at("predictions").as_array();
  ASSERT_EQ(predictions.size(), 2U);
  EXPECT_EQ(predictions[0].at("health_score").to_number<double>(), 70);
  EXPECT_EQ(predictions[0].at("tier"), "healthy");
  EXPECT_EQ(predictions[1].at("tier"), "churned");
  EXPECT_EQ(answer.at("model_version"), "shop-health-v1");
  const auto list = api.post("/invocations", "[[4,0,5.0,1],[0,null,null,null]]", headers("x/y"));
  EXPECT_EQ(list.body, json.body);
}

TEST(InvocationRoutesTest, WrongJsonRowsAreNamed) {
  TestApi api;
  const std::pair<const char*, const char*> cases[] = {
      {R"({"instances":[[1,2,3]]})", "row 1 has 3 cells"},
      {R"({"instances":[[1,2,3,4],[1,"x",3,4]]})", "row 2 cell 2"},
      {R"({"instances":[{"bought_30":1}]})", "did you mean \\\"bought_30d\\\""},
      {R"({"instances":[{"bought_30d":true}]})", "is no number"},
      {R"({"instances":[7]})", "row 1 is neither"},
      {R"({"instances":[]})", "no rows"},
      {R"({"instances":{}})", "no list"},
  };
  for (const auto& [body, words] : cases) {
    const auto answer = api.post("/invocations", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(code_of(answer), "bad_row");
    EXPECT_THAT(answer.body, HasSubstr(words));
  }
  EXPECT_EQ(code_of(api.post("/invocations", "{\"instances\":[[NaN]]}")), "malformed_json");
  EXPECT_EQ(code_of(api.post("/invocations", R"({"instances":[[1e999,0,0,0]]})")),
            "malformed_json");
  EXPECT_EQ(api.post("/invocations", "1,2,3,4", headers("text/csv", "image/png")).status, 406);
}

TEST(InvocationRoutesTest, TheEndpointHasTheNameThatPredictionsCarry) {
  TestApi api;
  for (const char* name : {"shop-health-endpoint", "shop-health"}) {
    const auto answer = api.post(std::string("/endpoints/") + name + "/invocations", "4,0,5,1\n");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.body, api.post("/invocations", "4,0,5,1\n").body);
    EXPECT_EQ(answer.headers.get("x-Amzn-Invoked-Production-Variant").value_or(""),
              "shop-health-v1");
  }
  const auto unknown = api.post("/endpoints/other/invocations", "4,0,5,1\n");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.headers.get("x-amzn-ErrorType").value_or(""), "ValidationError");
  TestApi without({.with_model = false});
  const auto none = without.post("/endpoints/shop-health/invocations", "4,0,5,1\n");
  EXPECT_EQ(none.status, 503);
  EXPECT_EQ(none.headers.get("x-amzn-ErrorType").value_or(""), "ServiceUnavailable");
}

TEST(InvocationRoutesTest, ACustomerIsPredictedAsInProduction) {
  TestApi api;
  api.add_customer("c", 4);
  api.settle();
  const value shown = json_of(api.get("/health?customer_id=c"));
  const auto answer = api.post("/api/v1/predict", R"({"customer_id":"c"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const value json = json_of(answer);
  EXPECT_EQ(json.at("success"), true);
  EXPECT_EQ(json.at("segment"), shown.at("tier"));
  EXPECT_EQ(json.at("model"), "shop-health");
  EXPECT_EQ(json.at("version"), "v1");
  for (const TaskSpec& task : api.pack->tasks())
    EXPECT_EQ(json.at("predictions").at(task.name), shown.at(task.name)) << task.name;
  const auto features = json_of(api.get("/api/v1/customers/c/features")).at("features");
  const auto by_features = json_of(
      api.post("/api/v1/predict", R"({"features":)" + boost::json::serialize(features) + "}"));
  EXPECT_EQ(by_features.at("predictions"), json.at("predictions"));
  EXPECT_EQ(by_features.at("segment"), json.at("segment"));
}

TEST(InvocationRoutesTest, WhoCannotBeScoredGetsNoFigures) {
  TestApi api;
  api.add_customer("new", 1);  // one qualifying event
  api.settle();
  const value json = json_of(api.post("/api/v1/predict", R"({"customer_id":"new"})"));
  EXPECT_EQ(json.at("status"), "unscored");
  EXPECT_EQ(json.at("reason"), "not_enough_data");
  EXPECT_TRUE(json.at("segment").is_null());
  for (const TaskSpec& task : api.pack->tasks())
    EXPECT_TRUE(json.at("predictions").at(task.name).is_null());
}

TEST(InvocationRoutesTest, PredictSaysWhatIsWrong) {
  TestApi api;
  EXPECT_EQ(code_of(api.post("/api/v1/predict", R"({"customer_id":"nobody"})")),
            "unknown_customer");
  EXPECT_EQ(code_of(api.post("/api/v1/predict", "{}")), "bad_request");
  EXPECT_EQ(code_of(api.post("/api/v1/predict", R"({"customer_id":"c","features":{}})")),
            "bad_request");
  EXPECT_EQ(code_of(api.post("/api/v1/predict", "customer")), "malformed_json");
  const auto near = api.post("/api/v1/predict", R"({"features":{"looked_30":1}})");
  EXPECT_EQ(near.status, 400);
  EXPECT_THAT(near.body, HasSubstr("did you mean \\\"looked_30d\\\""));
  EXPECT_EQ(code_of(api.post("/api/v1/predict", R"({"features":[1,2,3,4]})")), "bad_row");
  TestApi without({.with_model = false});
  EXPECT_EQ(without.post("/api/v1/predict", R"({"features":{}})").status, 503);
}

TEST(InferenceRoutesTest, AModelDescribesItself) {
  TestApi api;
  EXPECT_EQ(json_of(api.get("/v2")).at("name"), "tideline");
  EXPECT_EQ(json_of(api.get("/v2/health/live")).at("live"), true);
  EXPECT_EQ(json_of(api.get("/v2/health/ready")).at("ready"), true);
  const value model = json_of(api.get("/v2/models/shop-health"));
  EXPECT_EQ(model.at("name"), "shop-health");
  EXPECT_EQ(boost::json::serialize(model.at("inputs")),
            R"([{"name":"features","datatype":"FP64","shape":[-1,4]}])");
  EXPECT_EQ(model.at("outputs").as_array().size(), 4U);
  EXPECT_EQ(json_of(api.get("/v2/models/shop-health/ready")).at("ready"), true);
  EXPECT_EQ(api.get("/v2/models/shop-health/versions/v1/ready").status, 200);
  EXPECT_EQ(api.get("/v2/models/shop-health/versions/v9/ready").status, 404);
  EXPECT_EQ(code_of(api.get("/v2/models/other/ready")), "unknown_model");
  TestApi without({.with_model = false});
  EXPECT_EQ(without.get("/v2/health/live").status, 200);
  EXPECT_EQ(without.get("/v2/health/ready").status, 503);
  EXPECT_EQ(without.get("/v2/models/shop-health/ready").status, 503);
}

TEST(InferenceRoutesTest, TensorsInTensorsOut) {
  TestApi api;
  const char* whole = R"({"id":"7","inputs":[{"name":"features","datatype":"FP64","shape":[2,4],
      "data":[4,0,5,1,0,null,null,null]}]})";
  const auto answer = api.post("/v2/models/shop-health/infer", whole);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const value json = json_of(answer);
  EXPECT_EQ(json.at("id"), "7");
  EXPECT_EQ(json.at("model_version"), "v1");
  const auto& outputs = json.at("outputs").as_array();
  ASSERT_EQ(outputs.size(), 4U);
  EXPECT_EQ(outputs[2].at("name"), "health_score");
  EXPECT_EQ(boost::json::serialize(outputs[2].at("shape")), "[2]");
  EXPECT_EQ(outputs[2].at("data").at(0).to_number<double>(), 70);
  const char* nested = R"({"id":"7","inputs":[{"name":"features","datatype":"FP32","shape":[2,4],
      "data":[[4,0,5,1],[0,null,null,null]]}]})";
  EXPECT_EQ(api.post("/v2/models/shop-health/versions/v1/infer", nested).body, answer.body);
  const char* columns = R"({"id":"7","inputs":[
      {"name":"bought_30d","datatype":"INT64","shape":[2],"data":[4,0]},
      {"name":"looked_30d","datatype":"INT64","shape":[2,1],"data":[0,null]},
      {"name":"mean_amount","datatype":"FP64","shape":[2],"data":[5,null]},
      {"name":"days_since","datatype":"FP64","shape":[2],"data":[1,null]}]})";
  EXPECT_EQ(api.post("/v2/models/shop-health/infer", columns).body, answer.body);
  const char* one = R"({"inputs":[{"name":"bought_30d","datatype":"FP64","shape":[1],"data":[4]}],
      "outputs":[{"name":"health_score"}]})";
  const value chosen = json_of(api.post("/v2/models/shop-health/infer", one));
  ASSERT_EQ(chosen.at("outputs").as_array().size(), 1U);
  EXPECT_EQ(chosen.at("outputs").at(0).at("data").at(0).to_number<double>(), 70);
}

TEST(InferenceRoutesTest, WrongTensorsAreRefused) {
  TestApi api;
  const auto tensor = [](const std::string& name, const std::string& type,
                         const std::string& shape, const std::string& data) {
    return R"({"inputs":[{"name":")" + name + R"(","datatype":")" + type + R"(","shape":)" +
           shape + R"(,"data":)" + data + "}]}";
  };
  const std::pair<std::string, const char*> cases[] = {
      {"{}", "inputs"},
      {R"({"inputs":[]})", "no inputs"},
      {R"({"inputs":[{"name":"features"}]})", "shape and data"},
      {tensor("features", "BYTES", "[1,4]", "[1,2,3,4]"), "no number"},
      {tensor("features", "FP64", "[1,4]", "[1,2,3]"), "shape says otherwise"},
      {tensor("features", "FP64", "[1,3]", "[1,2,3]"), "[rows, 4]"},
      {tensor("features", "FP64", "[0,4]", "[]"), "no rows"},
      {tensor("features", "FP64", "[-1,4]", "[1,2,3,4]"), "does not stand"},
      {tensor("features", "FP64", "[99999999999,99999999999]", "[1]"), "does not stand"},
      {tensor("looked_30", "FP64", "[1]", "[1]"), "did you mean \\\"looked_30d\\\""},
      {tensor("features", "FP64", "[1,4]", R"([1,2,3,"4"])"), "neither a number nor null"}};
  for (const auto& [body, words] : cases) {
    const auto answer = api.post("/v2/models/shop-health/infer", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(code_of(answer), "bad_tensor") << body;
    EXPECT_THAT(answer.body, HasSubstr(words));
  }
  EXPECT_EQ(code_of(api.post("/v2/models/shop-health/infer", "[")), "malformed_json");
}

}  // namespace
}  // namespace tideline
