#include "pipeline/pack_script.h"

#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "features/compute.h"
#include "learning/labels.h"
#include "pipeline/decoder.h"
#include "pipeline/observe.h"
#include "scoring/tiers.h"

namespace tideline {
namespace {

constexpr double kTolerance = 1e-9;  // x max(1, |expected|)

// Words of a line: blanks separate, "quotes" hold together, a '{' takes the rest of the line, '#'
// begins a comment.
// nullopt: a double quote is not closed.
std::optional<std::vector<std::string>> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while ((at = line.find_first_not_of(" \t\r", at)) != std::string_view::npos) {
    if (line[at] == '#') break;
    if (line[at] == '{') {
      words.emplace_back(line.substr(at));
      break;
    }
    if (line[at] == '"') {
      const std::size_t end = line.find('"', at + 1);
      if (end == std::string_view::npos) return std::nullopt;
      words.emplace_back(line.substr(at + 1, end - at - 1));
      at = end + 1;
      continue;
    }
    const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    words.emplace_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

std::optional<double> number_of(const std::string& word) {
  double value = 0;
  const auto read = std::from_chars(word.data(), word.data() + word.size(), value);
  if (read.ec != std::errc{} || read.ptr != word.data() + word.size()) return std::nullopt;
  return value;
}

std::string text_of(std::optional<double> value) {
  if (!value || std::isnan(*value)) return "missing";
  char buffer[32];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, *value).ptr);
}

class Script {
 public:
  Script(const Pack& pack, std::string file)
      : pack_(pack), file_(std::move(file)), decoder_(DecodeLimits()), observer_(pack) {}

  Status line(int number, std::string_view text) {
    number_ = number;
    const auto split = words_of(text);
    if (!split) return mistake("a double quote is not closed");
    if (split->empty()) return {};
    const std::vector<std::string>& words = *split;
    const std::string& verb = words.front();
    if (verb == "pack") return {};
    if (verb == "load") return load(words);
    if (verb == "advance") return advance(words);
    if (verb == "expect") return expect(words);
    return mistake("no verb " + verb + "; there are pack, load, advance, expect");
  }

  [[nodiscard]] ScriptReport take() { return std::move(report_); }

 private:
  struct Loaded {
    Observation observation;
    Time arrival{};
  };

  [[nodiscard]] tl::unexpected<Error> mistake(const std::string& what) const {
    return fail(ErrorCode::invalid, file_ + ":" + std::to_string(number_) + ": " + what,
                "bad_script");
  }

  // load CUSTOMER TIME EVENT [{properties}]   or   load {event as clients send it}
  Status load(const std::vector<std::string>& words) {
    std::string json;
    if (words.size() == 2 && words[1].front() == '{') {
      json = words[1];
    } else if (words.size() == 4 || (words.size() == 5 && words[4].front() == '{')) {
      if (!parse_time(words[2])) return mistake("no RFC 3339 time: " + words[2]);
      Event event;
      event.customer = CustomerId(words[1]);
      event.name = words[3];
      event.event_time = *parse_time(words[2]);
      if (words.size() == 5) event.properties = words[4];
      json = payload_of(event);
    } else {
      return mistake(
          "load is `load CUSTOMER TIME EVENT {properties}` or `load {event as clients send it}`");
    }
    ++loaded_;
    const DecodeContext context{SourceId("script"), now_, true,
                                [this] { return "e" + std::to_string(loaded_); }};
    const Entry entry = decoder_.line(json, context);
    last_code_ = "none";
    if (const Reject* reject = entry.reject()) {
      last_code_ = name_of(reject->code);
      return {};
    }
    auto observation = observe(observer_, *entry.event());
    if (!observation) {
      last_code_ = observation.error().reason;
      return {};
    }
    customers_[entry.event()->customer.str()].push_back(
        {std::move(*observation), entry.event()->arrival_time});
    return {};
  }

  Status advance(const std::vector<std::string>& words) {
    if (words.size() != 2)
      return mistake("advance is `advance TIME` or `advance DURATION`, e.g. 3d");
    if (const auto time = parse_time(words[1])) {
      now_ = *time;
    } else if (const auto duration = parse_duration(words[1])) {
      now_ += *duration;
    } else {
      return mistake("neither a time nor a duration: " + words[1]);
    }
    return {};
  }

  Status expect(const std::vector<std::string>& words) {
    ++report_.expectations;
    if (words.size() >= 3 && words[1] == "tier") return expect_tier(words);
    if (words.size() == 3 && words[1] == "dead_letter") {
      if (words[2] != "none" && !dead_letter_code_of(words[2])) {
        return mistake("no dead letter code " + words[2] + "; `none` when the event is applied");
      }
      return compare_text("dead_letter", words[2], last_code_);
    }
    if (words.size() == 6 && words[1] == "label") return expect_label(words);
    if (words.size() != 4) {
      return mistake(
          "expect is `expect CUSTOMER FEATURE VALUE`, `expect CUSTOMER eligible|lapsed|unscored "
          "VALUE`, `expect tier NAME "
          "TASK=VALUE ...`, `expect label CUSTOMER TASK TIME VALUE` or `expect dead_letter CODE`");
    }
    return expect_figure(words[1], words[2], words[3]);
  }

  // The state of a customer as known now, and all that is known of it.
  CustomerState state_of(const std::string& customer) const {
    CustomerState state;
    const auto found = customers_.find(customer);
    if (found == customers_.end()) return state;
    for (const Loaded& loaded : found->second) {
      if (loaded.arrival <= now_ && loaded.observation.time <= now_)
        state.apply(pack_, std::span(&loaded.observation, 1));
    }
    return state;
  }

  Status expect_figure(const std::string& customer, const std::string& name,
                       const std::string& expected) {
    const CustomerState state = state_of(customer);
    if (name == "eligible")
      return compare_text(name, expected, is_eligible(pack_, state, now_) ? "true" : "false");
    if (name == "lapsed")
      return compare_text(name, expected, is_lapsed(pack_, state, now_) ? "true" : "false");
    const FeatureVector features = compute_features(pack_, state, now_);
    if (name == "unscored") {
      const char* reason = unscored_reason(pack_, state, features, now_);
      return compare_text(name, expected, reason ? reason : "none");
    }
    if (name == "coverage") return compare(name, expected, features.coverage);
    const auto index = pack_.feature_index(name);
    if (!index) return mistake("the pack " + pack_.name() + " has no feature " + name);
    return compare(name, expected, features.values[*index]);
  }

  // expect tier NAME TASK=VALUE ...
  Status expect_tier(const std::vector<std::string>& words) {
    std::vector<std::optional<double>> figures(pack_.tasks().size());
    for (std::size_t i = 3; i < words.size(); ++i) {
      const auto equals = words[i].find('=');
      const auto task = pack_.task_index(words[i].substr(0, equals));
      const auto value =
          equals == std::string::npos ? std::nullopt : number_of(words[i].substr(equals + 1));
      if (!task || !value) return mistake("not TASK=NUMBER: " + words[i]);
      figures[*task] = *value;
    }
    const std::string tier = tier_of(pack_, figures).tier;
    return compare_text("tier", words[2], tier.empty() ? "none" : tier);
  }

  // expect label CUSTOMER TASK TIME VALUE: as known now.
  Status expect_label(const std::vector<std::string>& words) {
    const auto task = pack_.task_index(words[3]);
    const auto t = parse_time(words[4]);
    if (!task || !t) return mistake("no task " + words[3] + ", or no time " + words[4]);
    std::vector<Observation> history;
    for (const Loaded& loaded : customers_[words[2]]) {
      if (loaded.arrival <= now_ && loaded.observation.time <= now_)
        history.push_back(loaded.observation);
    }
    std::stable_sort(history.begin(), history.end(),
                     [](const Observation& a, const Observation& b) { return a.time < b.time; });
    return compare("label " + words[3], words[5], label(pack_, *task, history, *t, now_));
  }

  Status compare(const std::string& what, const std::string& expected, std::optional<double> got) {
    const bool is_missing = !got || std::isnan(*got);
    if (expected == "missing") {
      if (!is_missing) failed(what, expected, text_of(got));
      return {};
    }
    const auto number = number_of(expected);
    if (!number) return mistake("neither a number nor `missing`: " + expected);
    if (is_missing || std::fabs(*got - *number) > kTolerance * std::max(1.0, std::fabs(*number))) {
      failed(what, expected, text_of(got));
    }
    return {};
  }

  Status compare_text(const std::string& what, const std::string& expected,
                      const std::string& got) {
    if (expected != got) failed(what, expected, got);
    return {};
  }

  void failed(const std::string& what, const std::string& expected, const std::string& got) {
    report_.failures.push_back({number_, "expected " + what + " " + expected + ", got " + got});
  }

  const Pack& pack_;
  std::string file_;
  Decoder decoder_;
  Observer observer_;
  std::map<std::string, std::vector<Loaded>> customers_;
  Time now_{};
  int number_ = 0;
  std::uint64_t loaded_ = 0;
  std::string last_code_ = "none";
  ScriptReport report_;
};

}  // namespace

Result<ScriptReport> run_script(const Pack& pack, std::string_view text, const std::string& file) {
  Script script(pack, file);
  int number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    TRY(script.line(number, text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return script.take();
}

std::optional<std::string> pack_of_script(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto words = words_of(text.substr(0, end));
    if (words && words->size() == 2 && words->front() == "pack") return words->back();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::nullopt;
}

}  // namespace tideline
