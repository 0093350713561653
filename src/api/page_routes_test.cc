// The page: its document at every screen, its files, compression, and what both may not contain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/page_assets.h"
#include "api/test_api.h"

namespace tideline {
namespace {

using testing::HasSubstr;
using testing::Not;

http::Headers accepting(const char* codings) {
  http::Headers headers;
  headers.set("Accept-Encoding", codings);
  return headers;
}

std::string path_of(const PageAsset& asset) { return "/" + std::string(asset.name); }

TEST(PageRoutesTest, EveryScreenIsTheSameDocument) {
  TestApi api;
  const auto page = api.get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.headers.get("Content-Type").value_or(""), "text/html; charset=utf-8");
  EXPECT_EQ(page.headers.get("Cache-Control").value_or(""), "no-cache");
  EXPECT_TRUE(page.headers.get("ETag").has_value());
  for (const char* path : {"/customers", "/customers/a%2Fb", "/pipeline", "/models"}) {
    EXPECT_EQ(api.get(path).body, page.body) << path;
  }
  EXPECT_EQ(api.get("/nowhere").status, 404);
}

TEST(PageRoutesTest, TheDocumentLoadsNothingFromElsewhereAndHasNothingInline) {
  TestApi api;
  const std::string body = api.get("/").body;
  for (const char* part : {"http://", "https://", "=\"//", "style=", "<style", "onclick"}) {
    EXPECT_THAT(body, Not(HasSubstr(part)));
  }
  std::size_t scripts = 0;
  for (auto at = body.find("<script"); at != std::string::npos;
       at = body.find("<script", at + 1)) {
    EXPECT_EQ(body.substr(at, body.find('>', at) - at).find("src=\"/assets/") == std::string::npos,
              false);
    EXPECT_EQ(body.substr(body.find('>', at) + 1, 9), "</script>");
    ++scripts;
  }
  EXPECT_GE(scripts, 2u);
}

TEST(PageRoutesTest, EveryFileIsServedAndMayBeKeptForEver) {
  TestApi api;
  std::size_t files = 0;
  for (const PageAsset& asset : page_assets()) {
    if (asset.name == "index.html") continue;
    ++files;
    const auto file = api.get(path_of(asset));
    EXPECT_EQ(file.status, 200) << asset.name;
    EXPECT_TRUE(file.body == asset.content) << asset.name;
    EXPECT_EQ(file.headers.get("Content-Type").value_or(""), asset.type);
    EXPECT_EQ(file.headers.get("Cache-Control").value_or(""),
              "public, max-age=31536000, immutable");
  }
  EXPECT_GE(files, 8u);
  EXPECT_EQ(api.get("/assets/none.js").status, 404);
  EXPECT_EQ(api.get("/assets/..%2Findex.html").status, 404);
}

TEST(PageRoutesTest, FilesAreCompressedForWhoAcceptsIt) {
  TestApi api;
  for (const PageAsset& asset : page_assets()) {
    const std::string path = asset.name == "index.html" ? "/" : path_of(asset);
    const auto packed = api.get(path, accepting("gzip, deflate, br"));
    EXPECT_EQ(packed.body == asset.gzip, !asset.gzip.empty()) << asset.name;
    EXPECT_EQ(packed.headers.get("Content-Encoding").has_value(), !asset.gzip.empty());
    EXPECT_EQ(packed.headers.get("Vary").value_or(""), "Accept-Encoding");
    EXPECT_TRUE(api.get(path, accepting("gzip;q=0")).body == asset.content);
    EXPECT_TRUE(api.get(path, accepting("br")).body == asset.content);
  }
}

TEST(PageRoutesTest, ThePackTellsItsTasksTiersAndFeatures) {
  TestApi api;
  const auto answer = api.get("/api/v1/pack");
  ASSERT_EQ(answer.status, 200);
  const auto pack = json_of(answer);
  const auto& task = pack.at("tasks").as_array()[0];
  EXPECT_THAT(std::string(task.at("kind").as_string()), testing::AnyOf("probability", "number"));
  EXPECT_FALSE(task.at("definition").as_string().empty());
  EXPECT_GE(pack.at("tiers").as_array().size(), 2u);
  for (const auto& feature : pack.at("features").as_array()) {
    EXPECT_FALSE(feature.at("group").as_string().empty());
    EXPECT_FALSE(feature.at("definition").as_string().empty());
  }
}

}  // namespace
}  // namespace tideline
