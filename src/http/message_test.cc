#include "http/message.h"

#include <gtest/gtest.h>

namespace tideline::http {
namespace {

TEST(Headers, CompareWithoutCase) {
  Headers headers;
  headers.add("Content-Type", "a");
  headers.add("content-type", "b");
  EXPECT_EQ(headers.get("CONTENT-TYPE"), "a");
  headers.set("Content-type", "c");
  EXPECT_EQ(headers.size(), 1u);
  EXPECT_EQ(headers.get("content-type"), "c");
  EXPECT_FALSE(headers.get("Content-Typ"));
}

TEST(Method, NamesGoBothWaysAndCountCase) {
  for (const auto method : {Method::get, Method::head, Method::post, Method::put, Method::patch,
                            Method::delete_, Method::options}) {
    EXPECT_EQ(parse_method(name_of(method)), method);
  }
  EXPECT_EQ(parse_method("get"), Method::other);
  EXPECT_EQ(parse_method("PROPFIND"), Method::other);
}

TEST(Problem, EscapesItsText) {
  EXPECT_EQ(problem_json({404, "not_found", "no \"x\"\\\n\x01"}, "id-1"),
            R"({"type":"about:blank","title":"Not Found","status":404,)"
            R"("detail":"no \"x\"\\\u000a\u0001","code":"not_found","request_id":"id-1"})");
}

TEST(JsonString, ReplacesWhatIsNotUtf8) {
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(json_string("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
            "\"a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
  EXPECT_EQ(json_string("\xff"), '"' + bad + '"');
  EXPECT_EQ(json_string("\xc3("), '"' + bad + "(\"");                   // cut short
  EXPECT_EQ(json_string("\xc0\xaf"), '"' + bad + bad + '"');            // overlong
  EXPECT_EQ(json_string("\xed\xa0\x80"), '"' + bad + bad + bad + '"');  // surrogate
  EXPECT_EQ(json_string("\xf4\x90\x80\x80"), '"' + bad + bad + bad + bad + '"');
  EXPECT_EQ(json_string("\xe2\x82"), '"' + bad + bad + '"');
}

TEST(Etag, TurnsAKnownAnswerInto304) {
  Request request;
  Response first = json_response("{}");
  apply_etag(request, first);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.headers.get("Cache-Control"), "no-cache");
  const std::string etag(*first.headers.get("ETag"));

  for (const std::string& list : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
    request.headers.set("If-None-Match", list);
    Response again = json_response("{}");
    apply_etag(request, again);
    EXPECT_EQ(again.status, 304) << list;
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(again.headers.get("ETag"), etag);
  }
  Response other = json_response("{ }");
  request.headers.set("If-None-Match", etag);
  apply_etag(request, other);
  EXPECT_EQ(other.status, 200);
  Response shared = shared_response({nullptr, "{}"}, "application/json");
  apply_etag(request, shared);
  EXPECT_EQ(shared.status, 304);
  EXPECT_EQ(shared.content(), "");
  Response missing = json_response("{}", 404);
  apply_etag(request, missing);
  EXPECT_EQ(missing.status, 404);
  EXPECT_FALSE(missing.headers.get("ETag"));
}

}  // namespace
}  // namespace tideline::http
