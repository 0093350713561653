// The part of PackBuilder that numbers the series of a pack and takes its hashes.
#include <algorithm>
#include <charconv>

#include "packs/pack_builder.h"
#include "packs/program.h"

namespace tideline {
namespace {

std::string text_of(std::optional<double> number) {
  if (!number) return "-";
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, *number);
  return std::string(buffer, result.ptr);
}

std::string describe(const FieldSpec& field) {
  std::string text = field.name + "|" + std::to_string(static_cast<int>(field.type)) + "|" +
                     text_of(field.min) + "|" + text_of(field.max) + "|" +
                     (field.is_money ? "money" : "");
  for (const std::string& choice : field.choices) text += "|" + choice;
  return text + "\n";
}

}  // namespace

void PackBuilder::finish_program() {
  Program& program = *pack_.program_;
  program.series = std::move(compiler_.series);
  program.aggregates = compiler_.aggregates;
  for (Expression& feature : program.features) compiler_.finish(feature);
  compiler_.finish(program.eligible);

  program.reached_by.resize(pack_.events_.size());
  for (std::size_t i = 0; i < program.series.size(); ++i) {
    Series& series = program.series[i];
    series.slot = program.slots_of[static_cast<std::size_t>(series.accumulator)]++;
    if (series.accumulator == Accumulator::counters) continue;
    for (std::size_t r = 0; r < series.routes.size(); ++r) {
      const Program::Reach reach{static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(r)};
      if (series.routes[r].event != kAnyEvent) {
        program.reached_by[series.routes[r].event].push_back(reach);
        continue;
      }
      for (auto& reached : program.reached_by) reached.push_back(reach);
      program.reached_by_unknown.push_back(reach);
    }
  }
}

std::string PackBuilder::describe_field(std::uint16_t field) const {
  return field >= kEventName ? std::string() : describe(pack_.fields_[field]);
}

std::string PackBuilder::describe_series(const Series& series) const {
  std::string text =
      series.key + "|" + std::to_string(static_cast<int>(series.accumulator)) + "\n";
  for (const Route& route : series.routes) text += describe_field(route.field);
  for (const Condition& condition : series.conditions) {
    for (const Condition::Input& input : condition.inputs) text += describe_field(input.field);
  }
  return text;
}

void PackBuilder::finish_hashes() {
  const Program& program = *pack_.program_;
  // Features: what a model counts on. Events and rules that no feature sees leave it alone.
  std::string features = "tideline features 1\ncurrency " + pack_.currency_ + "\n";
  for (std::size_t i = 0; i < pack_.features_.size(); ++i) {
    features +=
        "feature " + pack_.features_[i].name + " number = " + pack_.features_[i].definition + "\n";
    for (const Op& op : program.features[i].code) {
      if (op.code != OpCode::slot) continue;
      if (op.arg < program.aggregates.size()) {
        features += describe_series(program.series[program.aggregates[op.arg].series]);
      } else {
        features += "trait " + describe(pack_.traits_[op.arg - program.aggregates.size()]);
      }
    }
  }
  pack_.feature_hash_ = xxh3_128(features);

  // State: what the bytes of a customer count on, with the numbers of events, properties and
  // traits in them.
  std::string state = "tideline state 1\n";
  for (const EventSpec& event : pack_.events_) {
    state += "event " + event.name + "\n";
    for (const FieldSpec& field : event.fields) state += describe(field);
  }
  for (const FieldSpec& trait : pack_.traits_) state += "trait " + describe(trait);
  for (const EventSet& set : pack_.sets_) {
    state += "set " + set.name;
    for (const std::uint16_t event : set.events) state += " " + std::to_string(event);
    state += "\n";
  }
  for (const Series& series : program.series) {
    state += describe_series(series) + (series.keeps_hours ? "h" : "") +
             (series.keeps_days ? "d" : "") + (series.keeps_ever ? "e" : "") +
             std::to_string(series.reach / kDay) + "\n";
  }
  pack_.program_->state_hash = xxh3_128(state);
}

}  // namespace tideline
