// Speed of the core, on simulated customers: reading properties, applying events to states,
// computing features, scoring. Every round's bytes must be those of the round before.
//
//   core_bench CUSTOMERS DAYS ROUNDS SECONDS_A_CASE
#include <bit>
#include <cmath>
#include <functional>
#include <vector>

#include "base/rng.h"
#include "bench/measure.h"
#include "bench/pack_files.h"
#include "features/compute.h"
#include "features/observer.h"
#include "learning/network_training.h"
#include "pipeline/observe.h"
#include "simulator/marketplace.h"

namespace tideline::bench {
namespace {

constexpr std::uint64_t kSeed = 7;

struct Customer {
  std::vector<Event> events;
  std::vector<Observation> observations;  // of the events
  std::string before;                     // state without the last event
  std::string whole;                      // state of all events
};

struct World {
  std::shared_ptr<const Pack> pack;
  Time end{};
  std::uint64_t events = 0;
  std::vector<Customer> customers;  // those with events
};

World simulate(std::uint32_t customers, std::uint32_t days) {
  SimulationOptions options;
  options.customers = customers;
  options.days = days;
  options.end = *parse_time("2026-01-01");
  options.seed = kSeed;
  const auto simulator = MarketplaceSimulator::open(options);
  require(simulator.has_value(), simulator ? "" : simulator.error().message);

  World world{marketplace_pack(), options.end, 0, {}};
  Observer observer(*world.pack);
  for (std::uint32_t i = 0; i < simulator->customers(); ++i) {
    Customer customer;
    Truth truth;
    simulator->simulate_customer(i, customer.events, truth);
    if (customer.events.size() < 2) continue;
    for (Event& event : customer.events) {
      event.source = SourceId("simulated");
      auto observation = observe(observer, event);
      require(observation.has_value(), observation ? "" : observation.error().message);
      customer.observations.push_back(std::move(*observation));
    }
    const std::span all(customer.observations);
    CustomerState state;
    state.apply(*world.pack, all.first(all.size() - 1));
    customer.before = state.encode(*world.pack);
    state.apply(*world.pack, all.last(1));
    customer.whole = state.encode(*world.pack);
    world.events += customer.events.size();
    world.customers.push_back(std::move(customer));
  }
  require(world.customers.size() * 10 > customers * 9ull, "the simulation lacks customers");
  return world;
}

// Repeats `pass` for at least `seconds`; `check` looks at what the passes left behind.
struct Case {
  std::string name;
  std::uint64_t units = 0;  // a pass
  std::function<void()> pass;
  std::function<void()> check;
};

void run_round(const Case& one, double seconds) {
  std::uint64_t passes = 0;
  const Stopwatch watch;
  Elapsed elapsed;
  do {
    one.pass();
    ++passes;
    elapsed = watch.elapsed();
  } while (elapsed.wall_s < seconds);
  one.check();
  print_round(one.name, passes * one.units, elapsed);
}

CustomerState decoded(const Pack& pack, std::string_view bytes) {
  auto state = CustomerState::decode(pack, bytes);
  require(state.has_value(), state ? "" : state.error().message);
  return std::move(*state);
}

Case observe_case(const World& world) {
  auto observer = std::make_shared<Observer>(*world.pack);
  auto fields = std::make_shared<std::uint64_t>(0);
  std::uint64_t expected = 0;
  for (const Customer& customer : world.customers) {
    for (const Observation& seen : customer.observations) expected += seen.fields.size();
  }
  require(expected > world.events / 2, "the simulated events carry no properties");
  return {"observe", world.events,
          [&world, observer, fields] {
            *fields = 0;
            for (const Customer& customer : world.customers) {
              for (const Event& event : customer.events) {
                *fields += observe(*observer, event)->fields.size();
              }
            }
          },
          [fields, expected] { require(*fields == expected, "properties were not read"); }};
}

// The worker's way for a customer who is not in its cache.
Case apply_one_case(const World& world) {
  auto states = std::make_shared<std::vector<std::string>>(world.customers.size());
  return {"apply_one", world.customers.size(),
          [&world, states] {
            for (std::size_t i = 0; i < states->size(); ++i) {
              const Customer& customer = world.customers[i];
              CustomerState state = decoded(*world.pack, customer.before);
              state.apply(*world.pack, std::span(customer.observations).last(1));
              (*states)[i] = state.encode(*world.pack);
            }
          },
          [&world, states] {
            for (std::size_t i = 0; i < states->size(); ++i) {
              require((*states)[i] == world.customers[i].whole, "another state after one event");
              (*states)[i].clear();
            }
          }};
}

Case apply_history_case(const World& world) {
  auto states = std::make_shared<std::vector<std::string>>(world.customers.size());
  return {"apply_history", world.events,
          [&world, states] {
            for (std::size_t i = 0; i < states->size(); ++i) {
              CustomerState state;
              state.apply(*world.pack, world.customers[i].observations);
              (*states)[i] = state.encode(*world.pack);
            }
          },
          [&world, states] {
            for (std::size_t i = 0; i < states->size(); ++i) {
              require((*states)[i] == world.customers[i].whole, "another state after a history");
              (*states)[i].clear();
            }
          }};
}

std::vector<double> features_of(const World& world, const std::vector<CustomerState>& states) {
  std::vector<double> values;
  for (const CustomerState& state : states) {
    const FeatureVector features = compute_features(*world.pack, state, world.end);
    values.insert(values.end(), features.values.begin(), features.values.end());
  }
  return values;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
  });
}

Case features_case(const World& world, const std::vector<CustomerState>& states,
                   const std::vector<double>& expected) {
  std::size_t present = 0;
  for (const double value : expected) present += !std::isnan(value);
  require(expected.size() == states.size() * world.pack->features().size() &&
              present * 2 > expected.size(),
          "most features are missing");
  auto values = std::make_shared<std::vector<double>>();
  return {"features", states.size(),
          [&world, &states, values] { *values = features_of(world, states); },
          [&expected, values] {
            require(same_bits(*values, expected), "other features than before");
            values->clear();
          }};
}

// A network of the pack's features and tasks, in the shape that training gives it. Its labels are
// chance: what it says is of no interest here, how long it takes is.
Network trained_network(const World& world, const std::vector<double>& features) {
  TrainingRows rows;
  rows.rows = world.customers.size();
  rows.width = world.pack->features().size();
  rows.tasks = world.pack->tasks().size();
  rows.features = features;
  rows.days_since_qualifying.assign(rows.rows, 1);
  Rng rng(kSeed);
  for (std::size_t i = 0; i < rows.rows * rows.tasks; ++i) {
    rows.labels.push_back(rng.chance(0.3) ? 1 : 0);
  }
  NetworkOptions options;
  options.epochs_max = 1;
  Network network = fit_network(rows, {}, heads_of(world.pack->tasks()), options).network;
  require(network.is_sound(), "the network is not sound");
  return network;
}

// Scores all rows, `rows_a_call` at once.
Case score_case(const std::string& name, const Network& network,
                const std::vector<double>& features, std::size_t rows_a_call,
                const std::vector<double>& expected) {
  const std::size_t width = network.encoding.feature_count;
  const std::size_t tasks = network.task_count();
  const std::size_t rows = features.size() / width;
  auto figures = std::make_shared<std::vector<double>>(rows * tasks);
  return {name, rows,
          [&network, &features, figures, width, tasks, rows, rows_a_call] {
            for (std::size_t first = 0; first < rows; first += rows_a_call) {
              const std::size_t count = std::min(rows_a_call, rows - first);
              network.score(
                  {std::span(features).subspan(first * width, count * width), width, count, {}},
                  std::span(*figures).subspan(first * tasks, count * tasks));
            }
          },
          [&expected, figures, name] {
            require(same_bits(*figures, expected), name + ": other figures than one block gives");
            std::fill(figures->begin(), figures->end(), -1);
          }};
}

void run(std::uint32_t customers, std::uint32_t days, int rounds, double seconds) {
  const World world = simulate(customers, days);
  std::vector<CustomerState> states;
  std::uint64_t state_bytes = 0;
  for (const Customer& customer : world.customers) {
    states.push_back(decoded(*world.pack, customer.whole));
    state_bytes += customer.whole.size();
  }
  const std::vector<double> features = features_of(world, states);
  const Network network = trained_network(world, features);
  std::vector<double> figures(states.size() * network.task_count());
  network.score({features, world.pack->features().size(), states.size(), {}}, figures);
  for (const double figure : figures) require(std::isfinite(figure), "a figure is not finite");

  const std::vector<Case> cases{
      observe_case(world),
      apply_one_case(world),
      apply_history_case(world),
      features_case(world, states, features),
      score_case("score_block", network, features, 1'000, figures),
      score_case("score_single", network, features, 1, figures),
  };
  for (int round = 0; round < rounds; ++round) {
    for (const Case& one : cases) run_round(one, seconds);
  }
  std::printf(
      "{\"about\":\"core\",\"customers\":%zu,\"events\":%lu,\"state_bytes\":%lu,"
      "\"features\":%zu,\"inputs\":%zu,\"tasks\":%zu}\n",
      states.size(), static_cast<unsigned long>(world.events),
      static_cast<unsigned long>(state_bytes / states.size()), world.pack->features().size(),
      network.encoding.inputs.size(), network.task_count());
}

}  // namespace
}  // namespace tideline::bench

int main(int argc, char** argv) {
  using tideline::bench::require;
  require(argc == 5, "usage: core_bench CUSTOMERS DAYS ROUNDS SECONDS_A_CASE");
  const auto number = [&](int i) {
    return static_cast<std::uint32_t>(std::strtoul(argv[i], nullptr, 10));
  };
  require(number(1) >= 100 && number(2) >= 30, "at least 100 customers and 30 days");
  tideline::bench::run(number(1), number(2), static_cast<int>(number(3)),
                       std::strtod(argv[4], nullptr));
}
