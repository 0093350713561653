// Experiments that were run elsewhere: a table with a row a customer, a column that says in which
// arm it was, and columns of what it did.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "domain/customer_table.h"
#include "insights/experiment.h"
#include "learning/tree_training.h"

namespace tideline {

struct ExperimentRequest {
  std::string arm;                    // column
  std::string control;                // the arm that got nothing new
  std::vector<std::string> outcomes;  // columns: numbers, or yes and no
  std::string before;                 // column: a measure of the time before; empty: none
  std::vector<std::pair<std::string, double>> shares;  // planned, by arm; empty: all the same
  std::string id;                 // column; empty: rows go by their number, from 0
  std::vector<std::string> drop;  // columns that say nothing of the time before
};

// The customers of a table in their arms. `rows` are those with an arm.
struct ReadExperiment {
  Experiment experiment;
  std::vector<std::size_t> rows;  // in the table, one a customer of the experiment
  std::size_t without_arm = 0;    // rows left out
};
// invalid: a column that is not there (naming the nearest), no such control, one arm alone or more
// than ten, an outcome that is neither a number nor yes or no, shares that do not fit the arms.
[[nodiscard]] Result<ReadExperiment> read_experiment(const CustomerTable& table,
                                                     const ExperimentRequest& request);

// {"rows","without_arm","arms":[…],"sample_ratio":{…},"effects":[…]}
[[nodiscard]] boost::json::object experiment_json(const ReadExperiment& read);

// Whom a treatment changes, learnt from the experiment itself.
struct UpliftRequest {
  std::string outcome;  // one of those of the experiment
  std::string treated;  // arm; may be empty where there is one
  double value = 0;     // money that one more of the outcome is worth
  double cost = 0;      // money of treating one customer
  std::optional<double> budget;
  std::uint64_t seed = 1;
};

struct UpliftRow {
  std::string customer;
  double uplift = 0;
  double profit = 0;
  bool chosen = false;  // within the budget, and worth it
};

struct UpliftAnswer {
  boost::json::object json;
  std::vector<UpliftRow> ranking;  // of the customers of both arms, by profit
};
// Four models learn from the table's rows with an even number, from 0, and are judged by the odd
// ones; the best of them, learning from each half for the other, ranks all.
[[nodiscard]] Result<UpliftAnswer> uplift_of(const CustomerTable& table,
                                             const ExperimentRequest& request,
                                             const ReadExperiment& read,
                                             const UpliftRequest& uplift,
                                             const TreeTrainer& trees);

}  // namespace tideline
