// Predictions: the newest ones, tiers and their counts, and the older routes under /health.
#include <map>
#include <memory>
#include <mutex>

#include "api/cursor.h"
#include "api/live_bodies.h"
#include "api/prediction_json.h"
#include "api/resources.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "packs/program.h"

namespace tideline {
namespace {

constexpr const char* kList = "predictions";

struct ListNewest {
  struct Input {
    std::size_t limit = kLimitDefault;
    std::optional<Rescorer::Row> after;
  };
  struct Output {
    std::vector<KeptPrediction> rows;
    std::string next_cursor;
  };

  static Result<Input> read(const http::Request& request) {
    Input input;
    TRY_ASSIGN(input.limit, limit_of(request.query));
    const std::string cursor = text_of(request.query, "cursor");
    if (cursor.empty()) return input;
    TRY_ASSIGN(const std::string place, read_cursor(kList, cursor));
    ByteReader in(place);
    const Time time = in.time();
    input.after = Rescorer::Row{time, CustomerId(in.text())};
    return input;
  }

  static Result<Output> handle(Services& services, const Input& input) {
    Output output;
    if (input.after) {
      TRY_ASSIGN(output.rows, services.rescorer.newest_after(*input.after, input.limit + 1));
    } else {
      TRY_ASSIGN(output.rows, services.rescorer.newest(input.limit + 1));
    }
    if (output.rows.size() <= input.limit) return output;
    output.rows.pop_back();
    const Prediction& last = output.rows.back().prediction;
    ByteWriter place;
    place.time(last.timestamp);
    place.text(last.customer.str());
    output.next_cursor = make_cursor(kList, place.bytes());
    return output;
  }

  static std::string json(const Services& services, const Output& output) {
    JsonWriter json;
    begin_list(json);
    for (const KeptPrediction& kept : output.rows) {
      write_prediction(json, services, kept.prediction);
    }
    end_list(json, services, output.next_cursor);
    return json.take();
  }
};

// The first pages of the newest predictions as they were last sent. Dashboards ask for them again
// and again; they are written anew only when a prediction was. Thread-safe.
class NewestPages {
 public:
  struct Page {
    std::uint64_t version = 0;  // Rescorer::version() before it was read
    std::string json;
    std::string etag;
  };
  using Shared = std::shared_ptr<const Page>;

  // nullptr: there is none, or predictions were written since.
  [[nodiscard]] Shared find(std::size_t limit, std::uint64_t version) const {
    const std::lock_guard lock(mutex_);
    const auto found = pages_.find(limit);
    return found != pages_.end() && found->second->version == version ? found->second : nullptr;
  }
  void keep(std::size_t limit, Shared page) {
    const std::lock_guard lock(mutex_);
    if (pages_.size() >= kPagesMax && !pages_.contains(limit)) pages_.clear();
    pages_[limit] = std::move(page);
  }

 private:
  static constexpr std::size_t kPagesMax = 8;
  mutable std::mutex mutex_;
  std::map<std::size_t, Shared> pages_;
};

http::Response page_response(const NewestPages::Page& page) {
  http::Response response = http::json_response(page.json);
  response.headers.set("ETag", page.etag);
  return response;
}

http::Response newest_response(Services& services, NewestPages& pages,
                               const ListNewest::Input& input) {
  auto page = std::make_shared<NewestPages::Page>();
  page->version = services.rescorer.version();
  auto output = ListNewest::handle(services, input);
  if (!output) return problem_of(output.error());
  page->json = ListNewest::json(services, *output);
  page->etag = '"' + xxh3_128(page->json).hex() + '"';
  http::Response response = page_response(*page);
  if (!input.after) pages.keep(input.limit, std::move(page));
  return response;
}

// What is kept is answered on the server's own threads; all else reads in the background.
http::Handler list_newest(Services& services, std::shared_ptr<NewestPages> pages,
                          std::vector<Parameter> allowed) {
  return [&services, pages = std::move(pages), allowed = std::move(allowed)](
             http::Request request, http::Responder responder) {
    auto known = check_parameters(request.query, allowed);
    if (!known) return responder(problem_of(known.error()));
    auto input = ListNewest::read(request);
    if (!input) return responder(problem_of(input.error()));
    if (!input->after && !request.query.has("wait_for")) {
      if (const auto page = pages->find(input->limit, services.rescorer.version())) {
        http::Response response = page_response(*page);
        http::apply_etag(request, response);
        return responder(std::move(response));
      }
    }
    answer_read(services, std::move(request), std::move(responder), Where::background,
                [&services, pages, input = std::move(*input)] {
                  return newest_response(services, *pages, input);
                });
  };
}

struct ShowHealth {
  using Input = CustomerId;
  using Output = KeptPrediction;
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    return CustomerId(text_of(request.query, "customer_id"));
  }
  static Result<Output> handle(Services& services, const Input& customer) {
    TRY_ASSIGN(auto kept, services.rescorer.prediction_of(customer));
    if (!kept) return fail(ErrorCode::not_found, "no such customer", "unknown_customer");
    return std::move(*kept);
  }
  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    write_prediction(json, services, output.prediction);
    return http::json_response(json.take());
  }
};

struct ListTiers {
  struct Input {};
  using Output = ScoreCounts;
  static constexpr Where kWhere = Where::server;

  static Result<Input> read(const Services&, const http::Request&) { return Input{}; }
  static Result<Output> handle(const Services& services, const Input&) {
    return services.rescorer.counts();
  }
  static http::Response answer(const Services& services, const Output& counts) {
    const auto rules = services.ruled_pack();
    const Pack& pack = *rules;
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (std::size_t i = 0; i < pack.tiers().size(); ++i) {
      const auto found = counts.by_tier.find(pack.tiers()[i]);
      json.begin_object().member("tier", pack.tiers()[i]);
      json.member("rule", pack.program().tier_rules[i].text);
      json.member("customers", found == counts.by_tier.end() ? 0 : found->second).end_object();
    }
    json.end_array().key("next_cursor").null();
    json.member("customers", counts.customers).member("lapsed", counts.lapsed);
    json.key("unscored").begin_object();
    for (const auto& [reason, count] : counts.unscored) {
      if (count > 0) json.member(reason, count);
    }
    json.end_object();
    write_as_of(json, services);
    return http::json_response(json.end_object().take());
  }
};

}  // namespace

std::string tiers_body(const Services& services) {
  return ListTiers::answer(services, *ListTiers::handle(services, {})).body;
}

void add_prediction_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint newest;
  newest.path = "/api/v1/predictions";
  newest.name = "list_predictions";
  newest.permission = Permission::read;
  newest.tag = "predictions";
  newest.about = "The newest predictions, newest first, one a customer";
  newest.query = {limit_parameter(), cursor_parameter(), wait_for_parameter()};
  newest.answers = {{"application/json", "#PredictionList"}};
  newest.problems = {400, 504};
  newest.handler = list_newest(services, std::make_shared<NewestPages>(), newest.query);
  endpoints.push_back(newest);

  newest.path = "/health/predictions";
  newest.name = "list_health_predictions";
  newest.about = "Older form of /api/v1/predictions";
  endpoints.push_back(newest);

  Endpoint health;
  health.path = "/health";
  health.name = "show_health";
  health.tag = "predictions";
  health.about = "The latest prediction of one customer; older form of /api/v1/customers/{id}";
  health.query = {{"customer_id", "Whose", R"({"type":"string"})", true}};
  health.answers = {{"application/json", "#Prediction"}};
  health.problems = {400, 404, 504};
  endpoints.push_back(reading<ShowHealth>(services, std::move(health)));

  Endpoint tiers;
  tiers.path = "/api/v1/tiers";
  tiers.name = "list_tiers";
  tiers.tag = "predictions";
  tiers.about =
      "The tiers in the order they are checked, their rules and how many customers each "
      "has; unscored customers by reason, and lapsed ones";
  tiers.answers = {{"application/json", "#TierList"}};
  tiers.problems = {400, 504};
  endpoints.push_back(reading<ListTiers>(services, std::move(tiers)));
}

}  // namespace tideline
