// SnapshotTable: rows of features as of a time with what happened afterwards, for training and
// evaluation.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "domain/event.h"
#include "packs/pack.h"

namespace tideline {

// One row. All vectors are in the pack's order of features or tasks.
struct Snapshot {
  CustomerId customer;
  Time as_of{};
  std::string fold_key;  // value of the pack's fold trait as known then, else the customer's id
  std::vector<std::string> groups;  // values of the pack's protected traits as known then, in
                                    // their order; "": not known. For fairness, never an input
  std::vector<double> features;     // NaN: missing
  std::vector<double> labels;       // NaN: not yet known, masked or censored
  std::vector<double> past;  // the same label as of as_of - horizon (what a "same as last time"
                             // rule says); NaN: unknown
  double days_since_qualifying = 0;  // input of the recency rule; infinity without any
  bool eligible = false;             // the pack's rule
  bool lapsed = false;
  bool scorable = false;  // unscored_reason() says nothing
};

struct SnapshotTable {
  std::vector<Snapshot> rows;
  Time now{};  // the folder's now when the labels were taken
};

}  // namespace tideline
