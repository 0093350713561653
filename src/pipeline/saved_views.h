// Views that people keep: the filters, order and columns of a list under a name, for themselves or
// for everybody.
//
// Owns the keys of Family::saved that begin with "view/".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ports/state_store.h"

namespace tideline {

struct SavedView {
  std::string id;
  std::string name;
  std::string screen;                         // whose list it is: "customers"
  std::map<std::string, std::string> search;  // what stands in the screen's URL
  bool shared = false;
  std::string owner;  // who saved it; empty: nobody has to log in here
  Time saved{};
};

class SavedViews {
 public:
  SavedViews(StateStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  // Those that `user` sees, by name: their own and what is shared.
  [[nodiscard]] Result<std::vector<SavedView>> list(const std::string& user);
  // Synced before it returns. invalid: no name, or something too long. conflict: there are as many
  // as one may have.
  [[nodiscard]] Result<SavedView> save(SavedView view);
  // Synced. not_found also where it is somebody else's and not shared; refused where it is shared
  // and somebody else's.
  Status remove(const std::string& id, const std::string& user);

 private:
  StateStore& store_;
  const Clock& clock_;
};

}  // namespace tideline
