#include "api/openapi.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <set>

#include "api/test_api.h"

namespace tideline {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(OpenApiTest, EveryRouteIsDescribedAndEveryReferenceResolves) {
  TestApi api;
  const auto answer = api.get("/api/v1/openapi.json");
  ASSERT_EQ(answer.status, 200);
  const auto json = json_of(answer);
  EXPECT_EQ(json.at("openapi"), "3.1.0");
  std::set<std::string> described;
  for (const auto& path : json.at("paths").as_object()) described.emplace(path.key());
  std::set<std::string> routed;
  const http::Router router = make_routes(api.services);
  for (const auto& route : router.routes()) routed.insert(route->pattern);
  EXPECT_EQ(described, routed);

  const auto& schemas = json.at("components").at("schemas").as_object();
  std::set<std::string> used;
  const std::function<void(const boost::json::value&)> visit = [&](const auto& value) {
    if (value.is_array()) {
      for (const auto& item : value.as_array()) visit(item);
    }
    if (!value.is_object()) return;
    for (const auto& member : value.as_object()) {
      visit(member.value());
      if (member.key() != "$ref") continue;
      const std::string name(member.value().as_string());
      const std::string prefix = "#/components/schemas/";
      ASSERT_TRUE(name.starts_with(prefix)) << name;
      used.insert(name.substr(prefix.size()));
      EXPECT_TRUE(schemas.contains(name.substr(prefix.size()))) << name;
    }
  };
  visit(json);
  for (const auto& schema : schemas) EXPECT_TRUE(used.contains(std::string(schema.key())));
}

// The answer's members are exactly those of the schema, so neither can go without the other.
void expect_members(const boost::json::value& document, const std::string& name,
                    const boost::json::value& answer) {
  const auto& schema = document.at("components").at("schemas").at(name);
  const auto& members = schema.at("properties").as_object();
  ASSERT_TRUE(answer.is_object()) << name;
  for (const auto& member : answer.as_object()) {
    EXPECT_TRUE(members.contains(member.key())) << name << "." << member.key();
  }
  for (const auto& required : schema.at("required").as_array()) {
    EXPECT_TRUE(answer.as_object().contains(required.as_string())) << name << "." << required;
  }
}

TEST(OpenApiTest, AnswersHaveTheMembersOfTheirSchemas) {
  TestApi api;
  api.add_customer("c", 4);
  const auto letter = json_of(api.send("/v1/events?verdicts=1", "{"));
  api.settle();
  const auto document = json_of(api.get("/api/v1/openapi.json"));
  const std::pair<const char*, const char*> reads[] = {
      {"Prediction", "/health?customer_id=c"},
      {"CustomerList", "/api/v1/customers"},
      {"Customer", "/api/v1/customers/c"},
      {"Features", "/api/v1/customers/c/features"},
      {"EventList", "/api/v1/customers/c/events"},
      {"TierList", "/api/v1/tiers"},
      {"Overview", "/api/v1/overview"},
      {"Pipeline", "/api/v1/pipeline"},
      {"DeadLetterList", "/api/v1/deadletters"},
      {"ModelList", "/api/v1/models"},
      {"Ping", "/ping"},
      {"Alive", "/healthz"},
      {"Ready", "/readyz?verbose"},
      {"Problem", "/api/v1/customers/nobody"}};
  for (const auto& [schema, path] : reads)
    expect_members(document, schema, json_of(api.get(path)));
  const auto letters = json_of(api.get("/api/v1/deadletters"));
  expect_members(document, "DeadLetter", letters.at("data").as_array()[0]);
  expect_members(document, "Totals", json_of(api.get("/api/v1/pipeline")).at("totals"));
  expect_members(document, "Results", letter);
  expect_members(document, "Result", letter.at("results").as_array()[0]);
  Model model = test_model(*api.pack);
  ASSERT_TRUE(api.models.add_and_activate({"shop-health", "v1"},
                                          model.to_files({1, {1, 2, 3, 4}, {5}, {}})));
  expect_members(document, "Model", json_of(api.get("/api/v1/models")).at("data").as_array()[0]);
}

// The marketplace's document is kept in docs; UPDATE_GOLDEN=1 rewrites it.
TEST(OpenApiTest, IsAsInDocs) {
  const std::string root = TIDELINE_SOURCE_DIR;
  const std::string file = root + "/packs/marketplace/pack.toml";
  const auto pack = Pack::parse(file_text(file), file);
  ASSERT_TRUE(pack.has_value()) << pack.error().message;
  TestApi api({.pack = *pack, .with_model = false});
  const std::string document = api.get("/api/v1/openapi.json").body;
  const std::string golden = root + "/docs/openapi.json";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream out(golden, std::ios::binary);
    out << document;
  }
  EXPECT_TRUE(document == file_text(golden))
      << "docs/openapi.json is not what the program serves; "
         "UPDATE_GOLDEN=1 (make golden) rewrites it";
}

}  // namespace
}  // namespace tideline
