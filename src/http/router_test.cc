#include "http/router.h"

#include <gtest/gtest.h>

namespace tideline::http {
namespace {

using Kind = Router::Match::Kind;

struct RouterTest : ::testing::Test {
  RouterTest() {
    router.add(Method::get, "/", none());
    router.add(Method::get, "/api/v1/customers", none());
    router.add(Method::get, "/api/v1/customers/{id}", none());
    router.add(Method::get, "/api/v1/customers/{id}/features", none());
    router.add(Method::get, "/api/v1/customers/top", none());
    router.add(Method::post, "/v1/batch", none(), {.trailing_slash = true});
    router.add(Method::post, "/api/v1/keys", none(), {.control_only = true});
    router.add(Method::get, "/a/{x}/c/{y}", none());
    router.add(Method::get, "/a/b/d", none());
  }
  static Handler none() {
    return [](Request, Responder) {};
  }
  std::string pattern(std::string_view path) const {
    const auto match = router.find(Method::get, path, false);
    return match.kind == Kind::found ? match.route->pattern : "";
  }
  Router router;
};

TEST_F(RouterTest, FindsFixedAndNamedSegments) {
  EXPECT_EQ(pattern("/"), "/");
  EXPECT_EQ(pattern("/api/v1/customers"), "/api/v1/customers");
  EXPECT_EQ(pattern("/api/v1/customers/top"), "/api/v1/customers/top");
  EXPECT_EQ(pattern("/api/v1/customers/top/features"), "/api/v1/customers/{id}/features");
  EXPECT_EQ(pattern("/a/b/d"), "/a/b/d");
  const auto match = router.find(Method::get, "/a/b/c/2", false);
  ASSERT_EQ(match.kind, Kind::found);
  EXPECT_EQ(match.params, (decltype(match.params){{"x", "b"}, {"y", "2"}}));
}

TEST_F(RouterTest, DecodesParametersOnceAndKeepsAnyByte) {
  const auto match = router.find(Method::get, "/api/v1/customers/a%2Fb%2541%00%FF+", false);
  ASSERT_EQ(match.kind, Kind::found);
  EXPECT_EQ(match.params[0].second, std::string("a/b%41\0\xff+", 9));
  EXPECT_EQ(router.find(Method::get, "/api/v1/customers/%4", false).kind, Kind::bad_path);
  EXPECT_EQ(router.find(Method::get, "api", false).kind, Kind::bad_path);
  EXPECT_EQ(router.find(Method::get, "", false).kind, Kind::bad_path);
}

TEST_F(RouterTest, KnowsNoEmptySegmentAndNoOtherPath) {
  for (const char* path : {"/api/v1/customers/", "/api/v1/customers//features", "/api/v1", "//",
                           "/api/v1/customers/x/y", "/API/v1/customers"}) {
    EXPECT_EQ(router.find(Method::get, path, false).kind, Kind::no_path) << path;
  }
}

TEST_F(RouterTest, TakesBothSlashFormsOnlyWhereAsked) {
  EXPECT_EQ(router.find(Method::post, "/v1/batch", false).kind, Kind::found);
  EXPECT_EQ(router.find(Method::post, "/v1/batch/", false).kind, Kind::found);
  EXPECT_EQ(router.find(Method::post, "/v1/batch//", false).kind, Kind::no_path);
}

TEST_F(RouterTest, NamesTheAllowedMethods) {
  const auto match = router.find(Method::delete_, "/api/v1/customers", false);
  EXPECT_EQ(match.kind, Kind::no_method);
  EXPECT_EQ(match.allow, "GET, HEAD, OPTIONS");
  EXPECT_EQ(router.find(Method::get, "/v1/batch", false).allow, "POST, OPTIONS");
  EXPECT_EQ(router.find(Method::other, "/v1/batch", false).kind, Kind::no_method);
  EXPECT_EQ(router.find(Method::head, "/api/v1/customers", false).kind, Kind::found);
  EXPECT_EQ(router.find(Method::head, "/v1/batch", false).kind, Kind::no_method);
}

TEST_F(RouterTest, ControlRoutesDoNotExistElsewhere) {
  EXPECT_EQ(router.find(Method::post, "/api/v1/keys", true).kind, Kind::found);
  EXPECT_EQ(router.find(Method::post, "/api/v1/keys", false).kind, Kind::no_path);
}

TEST(RouterDeathTest, TheSameRouteTwiceEndsTheProcess) {
  Router router;
  const Handler none = [](Request, Responder) {};
  router.add(Method::get, "/a/{x}", none);
  EXPECT_DEATH(router.add(Method::get, "/a/{y}", none), "check failed");
}

TEST(Responder, AnswersOnceAndAnswersWhenDropped) {
  std::vector<int> statuses;
  const auto deliver = [&](Response response) { statuses.push_back(response.status); };
  {
    Responder responder(deliver);
    Responder moved(std::move(responder));
    moved(empty_response());
  }
  EXPECT_EQ(statuses, std::vector<int>{204});
  { const Responder dropped(deliver); }
  EXPECT_EQ(statuses, (std::vector<int>{204, 500}));
}

}  // namespace
}  // namespace tideline::http
