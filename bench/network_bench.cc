// Speed of the network's kernels: 46 inputs, a trunk of 64 and 32, five tasks, on one thread.
//
//   network_bench prepare FOLDER          writes layers.onnx, inputs.f32 and sums.f32 there
//   network_bench run SECONDS PATH        one round on that kernel path; PATH "best": all cases
//
// `prepare` is for the peer, which computes the same sums from the same inputs.
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <vector>

#include "base/rng.h"
#include "bench/measure.h"
#include "scoring/kernel_path.h"
#include "scoring/network.h"
#include "scoring/onnx_model.h"

namespace tideline::bench {
namespace {

constexpr std::uint64_t kSeed = 64'325;
constexpr std::size_t kInputs = 46;
constexpr std::size_t kTasks = 5;
constexpr std::size_t kRows = 9'600;

Layer random_layer(std::size_t inputs, std::size_t outputs, Rng& rng) {
  Layer layer{inputs, outputs, {}, {}};
  for (std::size_t i = 0; i < inputs * outputs; ++i) {
    layer.weights.push_back(float(rng.normal() / std::sqrt(double(inputs))));
  }
  for (std::size_t i = 0; i < outputs; ++i) layer.bias.push_back(float(0.3 * rng.normal()));
  return layer;
}

// 46-64-32-5, without the direct link from the inputs to the heads.
Network plain_network() {
  Rng rng(kSeed);
  Network network;
  network.encoding.feature_count = kInputs;
  for (std::size_t i = 0; i < kInputs; ++i) {
    network.encoding.inputs.push_back({std::int32_t(i), Transform::identity, 0, 1});
  }
  network.trunk = {random_layer(kInputs, 64, rng), random_layer(64, 32, rng)};
  network.output = random_layer(32, kTasks, rng);
  network.heads = {{HeadKind::probability},
                   {HeadKind::non_negative, 0, 1, 2},
                   {HeadKind::probability},
                   {HeadKind::probability, 0, 1, 1, 2},
                   {HeadKind::range, 0, 100}};
  require(network.is_sound(), "the network is not sound");
  return network;
}

std::vector<float> random_inputs() {
  Rng rng(kSeed + 1);
  std::vector<float> inputs;
  for (std::size_t i = 0; i < kRows * kInputs; ++i) inputs.push_back(float(rng.normal()));
  return inputs;
}

void write(const std::string& path, const void* bytes, std::size_t size) {
  std::ofstream file(path, std::ios::binary);
  file.write(static_cast<const char*>(bytes), std::streamsize(size));
  require(file.good(), "cannot write " + path);
}

void prepare(const std::string& folder) {
  const Network network = plain_network();
  const std::vector<float> inputs = random_inputs();
  std::vector<float> sums(kRows * kTasks);
  network.sums(inputs, sums, KernelPath::plain);
  const std::string onnx = layers_to_onnx(network);
  write(folder + "/layers.onnx", onnx.data(), onnx.size());
  write(folder + "/inputs.f32", inputs.data(), inputs.size() * sizeof(float));
  write(folder + "/sums.f32", sums.data(), sums.size() * sizeof(float));
}

// Repeats `pass`, which does kRows rows, for at least `seconds`.
void measure(const std::string& name, double seconds, const std::function<void()>& pass) {
  pass();
  std::uint64_t passes = 0;
  const Stopwatch watch;
  do {
    pass();
    ++passes;
  } while (watch.wall_s() < seconds);
  print_round(name, passes * kRows, watch.elapsed());
}

void run(double seconds, const std::string& asked) {
  const Network network = plain_network();
  const std::vector<float> inputs = random_inputs();
  std::vector<float> expected(kRows * kTasks);
  network.sums(inputs, expected, KernelPath::plain);
  std::vector<float> sums(kRows * kTasks);
  const auto check = [&] {
    require(std::memcmp(sums.data(), expected.data(), sums.size() * sizeof(float)) == 0,
            "the sums are not those of the plain path");
    std::fill(sums.begin(), sums.end(), -1.0F);
  };
  for (const KernelPath path : kernel_paths()) {
    const std::string name = path == best_kernel_path() ? "best" : std::string(name_of(path));
    if (name != asked) continue;
    measure(name == "best" ? "network_layers" : "network_layers_" + name, seconds,
            [&] { network.sums(inputs, sums, path); });
    check();
  }
  if (asked != "best") return;
  const std::vector<double> features(inputs.begin(), inputs.end());
  std::vector<double> figures(kRows * kTasks);
  measure("network_single", seconds, [&] {
    for (std::size_t r = 0; r < kRows; ++r) {
      network.score({std::span(features).subspan(r * kInputs, kInputs), kInputs, 1, {}},
                    std::span(figures).subspan(r * kTasks, kTasks));
    }
  });
  std::vector<double> in_block(kRows * kTasks);
  network.score({features, kInputs, kRows, {}}, in_block);
  require(figures == in_block, "a row alone has other figures than in a block");
  std::string paths;
  for (const KernelPath path : kernel_paths()) {
    paths += (paths.empty() ? "\"" : ",\"") + std::string(name_of(path)) + "\"";
  }
  std::printf("{\"about\":\"network\",\"rows\":%zu,\"paths\":[%s]}\n", kRows, paths.c_str());
}

}  // namespace
}  // namespace tideline::bench

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "prepare" && argc == 3) {
    tideline::bench::prepare(argv[2]);
  } else {
    tideline::bench::require(what == "run" && argc == 4,
                             "usage: network_bench prepare FOLDER | run SECONDS PATH");
    tideline::bench::run(std::strtod(argv[2], nullptr), argv[3]);
  }
}
