#include "domain/prediction.h"

namespace tideline {

std::string_view name_of(ScoreStatus status) {
  switch (status) {
    case ScoreStatus::scored: return "scored";
    case ScoreStatus::unscored: return "unscored";
    case ScoreStatus::stale: return "stale";
  }
  return "unscored";
}

}  // namespace tideline
