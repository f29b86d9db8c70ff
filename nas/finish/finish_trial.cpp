#include "nas/finish/finish_trial.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/files/atomic_file.h"
#include "base/process/worker_pool.h"
#include "base/text/error.h"
#include "base/text/version.h"
#include "cost/figures/simulated.h"
#include "models/accuracy/supernet/supernet_kind.h"
#include "models/accuracy/train/train_kind.h"
#include "models/training/data/image_batches.h"
#include "models/training/data/image_set.h"
#include "models/training/job/point_recipe.h"
#include "models/training/job/training_folder.h"
#include "models/training/weights/weights_file.h"
#include "nas/analysis/export_pair.h"
#include "nas/analysis/trial_pair.h"
#include "sim/functional/post_training_quantization.h"
#include "sim/functional/reference.h"
#include "sim/simulator.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCalibrationImages = 200;  // on which ranges of activations are measured
constexpr std::size_t kImagesPerTask = 50;

TrainingJob job_of(const TrialPair& pair, const FinishOptions& options) {
  TrainingJob job;
  job.network = pair.network;
  job.data = options.data;
  if (const TrainSettings* settings = train_settings(*pair.accuracy.settings)) {
    job.recipe = recipe_at(settings->recipe, pair.network_decisions, pair.network_choices);
    if (job.data.empty()) job.data = settings->data;
  }
  if (const SupernetSettings* settings = supernet_settings(*pair.accuracy.settings)) {
    if (job.data.empty()) job.data = settings->job.data;
  }
  if (job.data.empty()) {
    throw InputError(
        "study finish: found no images, allowed --data FOLDER; the study does not train");
  }
  job.data = fs::absolute(job.data).lexically_normal();
  job.recipe = options.recipe(job.recipe);
  job.report_test = true;
  job.device = options.device;
  return job;
}

/// Images as the network reads them, one by one.
class StandardisedImages {
 public:
  StandardisedImages(const ImageSet& set, std::span<const PixelStatistics> statistics)
      : set_(set), batches_(set, statistics) {}
  std::size_t size() const { return set_.size(); }
  int label(std::size_t i) const { return set_.labels[i]; }
  FloatTensor image(std::size_t i) const {
    FloatTensor tensor{{set_.height, set_.width, set_.channels}, {}};
    tensor.values.resize(set_.image_elements());
    const auto position = static_cast<std::uint32_t>(i);
    std::int64_t label = 0;
    batches_.fill(std::span(&position, 1), nullptr, tensor.values.data(), &label);
    return tensor;
  }

 private:
  const ImageSet& set_;
  ImageBatches batches_;
};

template <typename T>
int largest_of(const std::vector<T>& values) {
  return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

TrainedInt8 rounded(const Network& network, const NetworkWeights& weights, const ImageData& data) {
  const StandardisedImages training(data.training, data.statistics);
  std::vector<FloatTensor> images;
  for (std::size_t i = 0; i < std::min(kCalibrationImages, training.size()); ++i) {
    images.push_back(training.image(i));
  }
  return quantize_trained(network, weights, measure_ranges(network, weights, images));
}

/// Right answers of the network in float and in int8 among images `first` to `last` - 1.
struct RightAnswers {
  std::size_t in_float = 0, in_int8 = 0;
};
RightAnswers count_right(const Network& network, const FloatInference& inference,
                         const TrainedInt8& int8, const StandardisedImages& images,
                         std::size_t first, std::size_t last) {
  RightAnswers right;
  for (std::size_t i = first; i < last; ++i) {
    const FloatTensor image = images.image(i);
    const QuantizedTensor out = reference_output(network, int8.network, int8.quantize(image));
    right.in_float += largest_of(inference.run(image).back().values) == images.label(i) ? 1 : 0;
    right.in_int8 += largest_of(out.data) == images.label(i) ? 1 : 0;
  }
  return right;
}

/// The costs of the pair, corrected if those of the study are. Throws RunError if the accelerator
/// computes anything but what the reference does.
Costs check_on_accelerator(const TrialPair& pair, const TrainedInt8& int8,
                           const StandardisedImages& images, std::size_t count) {
  Simulator simulator(totals_only(pair.technology));
  const SimulationResult timing = simulator.run(pair.network, pair.accelerator);
  if (!timing.feasible()) throw RunError("study finish: " + timing.reason_text);
  for (std::size_t i = 0; i < count; ++i) {
    const QuantizedTensor input = int8.quantize(images.image(i));
    const FunctionalResult found =
        simulator.run_functional(pair.network, pair.accelerator, int8.network, input);
    if (found.output == reference_output(pair.network, int8.network, input) &&
        found.counts.sound()) {
      continue;
    }
    throw RunError(fmt::format(
        "study finish: what the accelerator computes of test image {} is not what the reference "
        "does",
        i));
  }
  const Costs costs = costs_of(timing);
  if (!pair.correction) return costs;
  return corrected(costs, pair.correction->ratios({pair.network_choices, pair.hardware_choices}));
}

void test_in_int8(const TrialPair& pair, const TrainingJob& job, const FinishOptions& options,
                  FinishedTrial& finished) {
  const ImageData data = load_image_data(job.data, pair.network.layers().back().output.channels,
                                         static_cast<std::size_t>(job.recipe.validation));
  const NetworkWeights weights = load_weights(JobFiles::in(options.output).weights, pair.network);
  const TrainedInt8 int8 = rounded(pair.network, weights, data);
  const FloatInference inference(pair.network, weights);
  const StandardisedImages images(data.test, data.statistics);
  const std::size_t count =
      options.test_images == 0 ? images.size() : std::min(options.test_images, images.size());
  const std::size_t tasks = (count + kImagesPerTask - 1) / kImagesPerTask;
  Progress progress("test in int8", count, options.progress);
  RightAnswers right;
  const std::uint64_t done = run_in_workers(
      tasks, options.workers,
      [&](std::uint64_t task) {
        const std::size_t first = task * kImagesPerTask;
        const RightAnswers some = count_right(pair.network, inference, int8, images, first,
                                              std::min(count, first + kImagesPerTask));
        return fmt::format("{} {}", some.in_float, some.in_int8);
      },
      [&](std::uint64_t task, const std::string& answer) {
        const std::size_t blank = answer.find(' ');
        right.in_float += std::stoul(answer.substr(0, blank));
        right.in_int8 += std::stoul(answer.substr(blank));
        progress.update(std::min(count, (task + 1) * kImagesPerTask));
      },
      options.keep_going);
  if (done < tasks) throw RunError("stopped; the training is done and kept, --resume goes on");
  finished.test_images = count;
  finished.simulated_images = std::min(options.simulated_images, count);
  finished.float_percent = 100.0 * static_cast<double>(right.in_float) / static_cast<double>(count);
  finished.int8_percent = 100.0 * static_cast<double>(right.in_int8) / static_cast<double>(count);
  finished.corrected = pair.correction != nullptr;
  finished.costs = check_on_accelerator(pair, int8, images, finished.simulated_images);
}

}  // namespace

std::string FinishedTrial::to_json_text() const {
  nlohmann::ordered_json json = {{"schema", "dovetail.finished_trial/1"},
                                 {"build", build_description()},
                                 {"trial", trial},
                                 {"epochs", training.curve.size()},
                                 {"validation_percent", training.validation_percent()},
                                 {"test_percent", training.test_percent},
                                 {"engine", training.engine}};
  json["int8"] = {{"test_images", test_images},
                  {"float_percent", float_percent},
                  {"int8_percent", int8_percent},
                  {"images_on_the_accelerator", simulated_images}};
  json["costs_from"] = corrected ? kCorrectedSimulation : kSimulation;
  nlohmann::ordered_json& of_costs = json["costs"] = nlohmann::ordered_json::object();
  for (const Figure& metric : metrics()) {
    if (metric.key == "top1_percent") continue;
    of_costs[metric.key] = metric.of(costs);
  }
  return json.dump(1) + "\n";
}

std::string FinishedTrial::text() const {
  return fmt::format(
      "trial {}: {} epochs, validation {:.2f} %, test {:.2f} %\n"
      "first {} test images: {:.2f} % in float, {:.2f} % in int8; {} of them on the accelerator, "
      "bit "
      "for bit\n"
      "{:.4f} ms, {:.4f} mJ, {:.2f} mm2{}\n",
      trial, training.curve.size(), training.validation_percent(), training.test_percent,
      test_images, float_percent, int8_percent, simulated_images, costs.latency_ms, costs.energy_mj,
      costs.area_mm2, corrected ? " (corrected by what was measured)" : "");
}

std::vector<fs::path> finished_files(const fs::path& folder) {
  const TrainedFiles files = TrainedFiles::in(folder);
  return {files.weights, files.onnx,    folder / "accelerator.yaml",
          files.curve,   files.timings, folder / "finished.json"};
}

FinishedTrial finish_trial(const fs::path& study, std::int64_t trial,
                           const FinishOptions& options) {
  const TrialPair pair = load_trial_pair(study, trial);
  const TrainingJob job = job_of(pair, options);
  FinishedTrial finished;
  finished.trial = trial;
  finished.training =
      train_in_folder(job, options.output, options.resume, options.progress, options.keep_going);
  OnnxOptions onnx;
  onnx.values = load_weights(JobFiles::in(options.output).weights, pair.network);
  export_pair(study, trial, options.output, onnx);
  test_in_int8(pair, job, options, finished);
  write_file_atomically(options.output / "finished.json", finished.to_json_text());
  return finished;
}

}  // namespace dovetail
