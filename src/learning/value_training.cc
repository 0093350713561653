#include "learning/value_training.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tideline {
namespace {

constexpr std::size_t kFewest = 50;
constexpr int kMostSteps = 400;
constexpr double kLargestLog = 12;  // of a parameter; beyond it runs off

using Point = std::array<double, 3>;  // logarithms of p, q - 1, gamma

GammaGamma model_at(const Point& at) {
  return {std::exp(at[0]), 1 + std::exp(at[1]), std::exp(at[2])};
}

double loss_at(std::span<const AmountHistory> histories, const Point& at) {
  for (const double x : at) {
    if (std::abs(x) > kLargestLog) return 1e300;
  }
  const GammaGamma model = model_at(at);
  double sum = 0;
  for (const AmountHistory& h : histories) sum -= model.log_likelihood(h.purchases, h.mean_amount);
  return std::isfinite(sum) ? sum : 1e300;
}

struct Corner {
  Point at{};
  double loss = 0;
};

// Where one steps from the centre of the other corners, away from the worst.
Point along(const Point& centre, const Point& worst, double times) {
  Point out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = centre[i] + times * (centre[i] - worst[i]);
  return out;
}

}  // namespace

Result<GammaGamma> fit_gamma_gamma(std::span<const AmountHistory> histories) {
  if (histories.size() < kFewest) {
    return fail(ErrorCode::invalid, "fewer than 50 customers have bought", "no_maximum");
  }
  double mean = 0;
  for (const AmountHistory& h : histories) mean += h.mean_amount / double(histories.size());
  std::array<Corner, 4> corners;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    corners[i].at = {1.0, 1.0, std::log(mean)};
    if (i > 0) corners[i].at[i - 1] += 0.7;
    corners[i].loss = loss_at(histories, corners[i].at);
  }
  const auto by_loss = [](const Corner& a, const Corner& b) { return a.loss < b.loss; };
  for (int step = 0; step < kMostSteps; ++step) {
    std::sort(corners.begin(), corners.end(), by_loss);
    Corner& worst = corners[3];
    if (worst.loss - corners[0].loss < 1e-9 * std::abs(corners[0].loss)) break;
    Point centre{};
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t i = 0; i < 3; ++i) centre[i] += corners[c].at[i] / 3;
    }
    const auto tried = [&](double times) {
      const Point at = along(centre, worst.at, times);
      return Corner{at, loss_at(histories, at)};
    };
    const Corner mirrored = tried(1);
    if (mirrored.loss < corners[0].loss) {
      const Corner further = tried(2);
      worst = further.loss < mirrored.loss ? further : mirrored;
    } else if (mirrored.loss < corners[2].loss) {
      worst = mirrored;
    } else if (const Corner nearer = tried(mirrored.loss < worst.loss ? 0.5 : -0.5);
               nearer.loss < worst.loss) {
      worst = nearer;
    } else {
      for (std::size_t c = 1; c < corners.size(); ++c) {
        for (std::size_t i = 0; i < 3; ++i)
          corners[c].at[i] = 0.5 * (corners[c].at[i] + corners[0].at[i]);
        corners[c].loss = loss_at(histories, corners[c].at);
      }
    }
  }
  std::sort(corners.begin(), corners.end(), by_loss);
  if (corners[0].loss >= 1e299)
    return fail(ErrorCode::invalid, "the amounts do not determine the model", "no_maximum");
  return model_at(corners[0].at);
}

}  // namespace tideline
