#include "learning/network_training.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <Eigen/Core>

#include "base/check.h"
#include "base/rng.h"
#include "learning/network_gradient.h"

namespace tideline {
namespace {

// Rows as the gradient wants them.
struct EncodedRows {
  std::size_t rows = 0;
  std::vector<float> inputs;
  std::vector<float> labels;

  [[nodiscard]] Batch<float> all() const { return {rows, inputs, labels, {}}; }
};

EncodedRows encoded(const FeatureEncoding& encoding, const TrainingRows& rows) {
  EncodedRows out{rows.rows, encode_all(encoding, rows), {}};
  out.labels.assign(rows.labels.begin(), rows.labels.end());
  return out;
}

// Mean and deviation of a task's labels; n 0 when there are none.
struct LabelMoments {
  std::size_t n = 0;
  double mean = 0;
  double sd = 0;
  double least = 0;
};

LabelMoments label_moments(const TrainingRows& rows, std::size_t task) {
  LabelMoments m;
  m.least = std::numeric_limits<double>::infinity();
  for (std::size_t r = 0; r < rows.rows; ++r) {
    const double y = rows.label(r, task);
    if (std::isnan(y)) continue;
    ++m.n;
    m.mean += y;
    m.least = std::min(m.least, y);
  }
  if (m.n == 0) return m;
  m.mean /= double(m.n);
  for (std::size_t r = 0; r < rows.rows; ++r) {
    const double y = rows.label(r, task);
    if (!std::isnan(y)) m.sd += (y - m.mean) * (y - m.mean);
  }
  m.sd = std::sqrt(m.sd / double(m.n));
  return m;
}

// Sets a head's scale and returns the bias with which it starts at the mean of the labels.
double prepare_head(std::vector<Head>& heads, std::size_t k,
                    const std::vector<LabelMoments>& labels) {
  Head& head = heads[k];
  const LabelMoments& m = labels[k];
  if (m.n == 0) return 0;
  switch (head.kind) {
    case HeadKind::probability: {
      const double floor = head.not_below < 0 ? 0.0 : labels[std::size_t(head.not_below)].mean;
      const double rest = floor < 1 ? (m.mean - floor) / (1 - floor) : 0.0;
      return logit(std::clamp(rest, 1e-3, 1 - 1e-3));
    }
    case HeadKind::range: {
      head.scale = m.sd > 0 ? m.sd : 1.0;
      return logit(std::clamp((m.mean - head.low) / (head.high - head.low), 1e-3, 1 - 1e-3));
    }
    case HeadKind::non_negative:
    case HeadKind::linear:
      head.scale = m.sd > 0 ? m.sd : 1.0;
      if (m.least < head.low || head.kind == HeadKind::linear) {
        head.kind = HeadKind::linear;
        head.low = m.mean;
        return 0;
      }
      return std::log(std::expm1(std::clamp(m.mean / head.scale, 1e-3, 30.0)));
  }
  return 0;
}

std::vector<float> first_parameters(const NetworkShape& shape, std::span<const double> biases,
                                    Rng& rng) {
  std::vector<float> parameters;
  parameters.reserve(shape.parameter_count());
  std::size_t width = shape.inputs;
  for (const std::size_t h : shape.hidden) {
    const double spread = std::sqrt(1.0 / double(std::max<std::size_t>(1, width)));
    for (std::size_t i = 0; i < width * h; ++i) parameters.push_back(float(spread * rng.normal()));
    parameters.insert(parameters.end(), h, 0.0F);
    width = h;
  }
  if (!shape.hidden.empty()) {
    const double spread = 0.1 / std::sqrt(double(width));
    for (std::size_t i = 0; i < width * shape.tasks; ++i) {
      parameters.push_back(float(spread * rng.normal()));
    }
  }
  parameters.insert(parameters.end(), shape.inputs * shape.tasks, 0.0F);
  for (const double bias : biases) parameters.push_back(float(bias));
  return parameters;
}

// AdamW (Loshchilov and Hutter 2019).
class AdamW {
 public:
  AdamW(std::vector<float> decay, double rate) : decay_(std::move(decay)), rate_(rate) {
    mean_.assign(decay_.size(), 0.0F);
    square_.assign(decay_.size(), 0.0F);
  }

  // `share` of the learning rate: the schedule.
  void step(std::span<float> parameters, std::span<const float> gradient, double share) {
    constexpr float kBeta1 = 0.9F;
    constexpr float kBeta2 = 0.999F;
    ++steps_;
    const double by1 = 1 - std::pow(double(kBeta1), steps_);
    const double by2 = 1 - std::pow(double(kBeta2), steps_);
    const auto rate = float(rate_ * share / by1);
    const auto root = float(1 / std::sqrt(by2));
    const auto plain_rate = float(rate_ * share);
    using Array = Eigen::Map<Eigen::ArrayXf>;
    using ConstArray = Eigen::Map<const Eigen::ArrayXf>;
    const auto n = Eigen::Index(parameters.size());
    Array x(parameters.data(), n);
    Array mean(mean_.data(), n);
    Array square(square_.data(), n);
    const ConstArray g(gradient.data(), n);
    mean = kBeta1 * mean + (1 - kBeta1) * g;
    square = kBeta2 * square + (1 - kBeta2) * g * g;
    x -= plain_rate * ConstArray(decay_.data(), n) * x;
    x -= rate * mean / (square.sqrt() * root + 1e-8F);
  }

 private:
  std::vector<float> decay_;  // of each parameter
  double rate_;
  int steps_ = 0;
  std::vector<float> mean_;
  std::vector<float> square_;
};

// Mean of the weights over the last passes, the newest counting most (Polyak and Juditsky 1992):
// the noise of single steps cancels out.
class WeightAverage {
 public:
  // `steps`: about as many count.
  WeightAverage(std::size_t size, double steps)
      : kept_(float(1 - 1 / std::max(1.0, steps))),
        sum_(Eigen::ArrayXf::Zero(Eigen::Index(size))) {}

  void add(std::span<const float> parameters) {
    const Eigen::Map<const Eigen::ArrayXf> now(parameters.data(), sum_.size());
    sum_ = kept_ * sum_ + (1 - kept_) * now;
    weight_ = double(kept_) * weight_ + (1 - double(kept_));
  }
  [[nodiscard]] std::vector<float> mean() const {
    const Eigen::ArrayXf mean = sum_ / float(weight_);
    return {mean.data(), mean.data() + mean.size()};
  }

 private:
  float kept_;
  double weight_ = 0;
  Eigen::ArrayXf sum_;
};

// One pass over the rows in a new order.
class Epoch {
 public:
  Epoch(const NetworkShape& shape, const NetworkOptions& options, const EncodedRows& rows)
      : shape_(shape), options_(options), rows_(rows), order_(rows.rows) {
    std::iota(order_.begin(), order_.end(), std::size_t(0));
    for (const std::size_t h : shape.hidden) units_ += h;
    gradient_.resize(shape.parameter_count());
  }

  void run(std::span<const Head> heads, std::vector<float>& parameters, AdamW& adam, double share,
           WeightAverage& average, Rng& rng) {
    for (std::size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[rng.below(i)]);
    for (std::size_t begin = 0; begin < order_.size(); begin += options_.batch) {
      const std::size_t n = std::min(options_.batch, order_.size() - begin);
      gather(begin, n, rng);
      const Batch<float> batch{n, inputs_, labels_, keep_};
      loss_and_gradient<float>(shape_, heads, parameters, batch, gradient_);
      adam.step(parameters, gradient_, share);
      average.add(parameters);
    }
  }

 private:
  void gather(std::size_t begin, std::size_t n, Rng& rng) {
    inputs_.resize(n * shape_.inputs);
    labels_.resize(n * shape_.tasks);
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t r = order_[begin + i];
      std::copy_n(rows_.inputs.begin() + std::ptrdiff_t(r * shape_.inputs), shape_.inputs,
                  inputs_.begin() + std::ptrdiff_t(i * shape_.inputs));
      std::copy_n(rows_.labels.begin() + std::ptrdiff_t(r * shape_.tasks), shape_.tasks,
                  labels_.begin() + std::ptrdiff_t(i * shape_.tasks));
    }
    if (options_.dropout <= 0) return;
    draw_keep(n, rng);
  }

  // Four units of each number drawn: 16 bits tell a share well enough.
  void draw_keep(std::size_t n, Rng& rng) {
    const auto kept = float(1 / (1 - options_.dropout));
    const auto dropped = std::uint64_t(options_.dropout * 65'536);
    keep_.resize(n * units_);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < keep_.size(); ++i) {
      bits = i % 4 == 0 ? rng.next() : bits >> 16U;
      keep_[i] = (bits & 0xFFFFU) < dropped ? 0.0F : kept;
    }
  }

  const NetworkShape& shape_;
  const NetworkOptions& options_;
  const EncodedRows& rows_;
  std::vector<std::size_t> order_;
  std::size_t units_ = 0;
  std::vector<float> inputs_, labels_, keep_, gradient_;
};

Layer layer_from(std::span<const float>& parameters, std::size_t inputs, std::size_t outputs) {
  Layer layer{inputs, outputs, {}, {}};
  const auto weights = parameters.first(inputs * outputs);
  const auto bias = parameters.subspan(inputs * outputs, outputs);
  layer.weights.assign(weights.begin(), weights.end());
  layer.bias.assign(bias.begin(), bias.end());
  parameters = parameters.subspan(inputs * outputs + outputs);
  return layer;
}

Network network_from(const NetworkShape& shape, std::span<const float> parameters,
                     FeatureEncoding encoding, std::vector<Head> heads) {
  Network network;
  std::size_t width = shape.inputs;
  for (const std::size_t h : shape.hidden) {
    network.trunk.push_back(layer_from(parameters, width, h));
    width = h;
  }
  const std::size_t from_trunk = shape.hidden.empty() ? 0 : width;
  network.output = layer_from(parameters, from_trunk + shape.inputs, shape.tasks);
  network.encoding = std::move(encoding);
  network.heads = std::move(heads);
  return network;
}

}  // namespace

std::vector<Head> heads_of(std::span<const TaskSpec> tasks) {
  std::vector<Head> heads;
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    const TaskSpec& task = tasks[k];
    Head head;
    if (task.kind == TaskKind::number) {
      const bool bounded = task.min && task.max && *task.min < *task.max;
      head.kind = bounded ? HeadKind::range : HeadKind::non_negative;
      if (bounded) head.low = *task.min;
      if (bounded) head.high = *task.max;
    } else {
      for (std::size_t j = 0; j < k; ++j) {
        const bool named =
            tasks[j].name == task.not_below && tasks[j].kind == TaskKind::probability;
        if (named) head.not_below = int(j);
      }
    }
    heads.push_back(head);
  }
  return heads;
}

NetworkFit fit_network(const TrainingRows& train, const TrainingRows& validation,
                       std::vector<Head> heads, const NetworkOptions& options) {
  CHECK(heads.size() == train.tasks && options.batch > 0 && options.dropout < 1);
  FeatureEncoding encoding = fit_encoding(train);
  const NetworkShape shape{encoding.inputs.size(), options.hidden, train.tasks};
  std::vector<LabelMoments> labels;
  std::vector<double> biases;
  for (std::size_t k = 0; k < heads.size(); ++k) {
    labels.push_back(label_moments(train, k));
    biases.push_back(prepare_head(heads, k, labels));
  }
  Rng rng = Rng::stream(options.seed, "network");
  std::vector<float> parameters = first_parameters(shape, biases, rng);
  std::vector<float> decay = shape.decay_factors(float(options.direct_decay));
  for (float& d : decay) d *= float(options.weight_decay);
  AdamW adam(std::move(decay), options.learning_rate);

  const EncodedRows rows = encoded(encoding, train);
  const EncodedRows judged = encoded(encoding, validation);
  Epoch epoch(shape, options, rows);
  const double steps = double(rows.rows) / double(options.batch);
  WeightAverage average(parameters.size(), options.averaged_epochs * steps);
  NetworkFit fit;
  fit.validation_loss = std::numeric_limits<double>::quiet_NaN();
  std::vector<float> best = parameters;
  for (std::size_t e = 1; e <= options.epochs_max; ++e) {
    // The rate falls to a tenth over the longest possible run, whether or not it stops early.
    const double share =
        1 - 0.9 * double(e - 1) / double(std::max<std::size_t>(1, options.schedule_epochs));
    epoch.run(heads, parameters, adam, std::max(0.1, share), average, rng);
    if (judged.rows == 0) {
      fit.epochs = e;
      continue;
    }
    std::vector<float> mean = average.mean();
    const double loss = loss_and_gradient<float>(shape, heads, mean, judged.all(), {});
    if (std::isnan(fit.validation_loss) || loss < fit.validation_loss) {
      fit.validation_loss = loss;
      fit.epochs = e;
      best = std::move(mean);
    } else if (e - fit.epochs >= options.patience) {
      break;
    }
  }
  fit.network = network_from(shape, judged.rows == 0 && rows.rows > 0 ? average.mean() : best,
                             std::move(encoding), std::move(heads));
  return fit;
}

}  // namespace tideline
