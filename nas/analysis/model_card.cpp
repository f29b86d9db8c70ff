#include "nas/analysis/model_card.h"

#include <fmt/core.h>

#include <map>
#include <string_view>

#include "base/files/yaml.h"
#include "base/text/digits.h"
#include "base/text/grouped.h"
#include "base/text/version.h"
#include "nas/analysis/trial_table.h"

namespace dovetail {
namespace {

constexpr std::string_view kAccuracy = "top1_percent";

/// Texts of others in a table or a line.
std::string in_markdown(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view("\\|`*_<>[]").find(c) != std::string_view::npos) result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result;
}

std::string front_matter(const TrialRecord& trial, const std::string& name) {
  const bool classifies = trial.evaluation.ok() && trial.evaluation.accuracy.top1_percent > 0;
  std::string text = "---\nlibrary_name: dovetail\n";
  if (classifies) text += "pipeline_tag: image-classification\n";
  text += "tags:\n";
  for (const char* tag : {"onnx", "neural-architecture-search", "hardware-co-design", "edge"}) {
    text += fmt::format("- {}\n", tag);
  }
  return text + fmt::format("model_name: {}\n---\n\n", yaml_scalar(name));
}

/// Where a figure of the trial comes from.
std::string source_of(const Figure& figure, const StudyDescription& study,
                      const Evaluation& evaluation, bool corrected) {
  if (evaluation.claimed) return "claimed by the file that it was imported from, not evaluated";
  if (figure.key.starts_with(kAccuracy)) {
    std::string source =
        study.facts.accuracy.empty() ? "the study's accuracy source" : study.facts.accuracy;
    if (evaluation.accuracy.extrapolated) source += "; outside what that was fitted on";
    return source;
  }
  if (figure.key == "area_mm2") return "area model";
  if (!evaluation.simulated) return "prediction, not simulated";
  const bool of_device = corrected && figure.key != "peak_local_memory_kib";
  return of_device ? "simulation, corrected by what was measured" : "simulation";
}

std::string figures_text(const StudyDescription& study, const Evaluation& evaluation,
                         bool corrected) {
  std::string text = "## Figures\n\n";
  if (!evaluation.ok()) {
    text += fmt::format("This trial has no figures: {}", to_string(evaluation.status));
    if (!evaluation.reason.empty()) text += ": " + in_markdown(evaluation.reason);
    return text + ".\n\n";
  }
  text += "| figure | value | unit | meaning | from |\n| --- | ---: | --- | --- | --- |\n";
  for (const Figure* metric : known_metrics(evaluation)) {
    text += fmt::format("| {} | {} | {} | {} | {} |\n", metric->name,
                        digits_text(evaluation.value(*metric), metric->decimals), metric->unit,
                        in_markdown(metric->meaning),
                        in_markdown(source_of(*metric, study, evaluation, corrected)));
  }
  return text + "\n";
}

std::string network_text(const Network& network) {
  std::map<std::string, int> operators;
  for (const Layer& layer : network.layers()) ++operators[to_string(layer.op)];
  std::string counts;
  for (const auto& [name, count] : operators) {
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, name);
  }
  const TensorShape &in = network.input(), &out = network.layers().back().output;
  return fmt::format(
      "## Network\n\n- Input: {} x {} x {} (height, width, channels), one image; output: {} "
      "numbers "
      "(int8 on the accelerator)\n- {} multiply-accumulates, {} parameters\n- {} layers: "
      "{}\n- Weights in `network.onnx` are what the export was told, random ones unless it was "
      "told "
      "otherwise: it has to be\n  trained before it is of use. No training and no test is part of "
      "this folder.\n\n",
      in.height, in.width, in.channels, grouped(out.elements()), grouped(network.macs()),
      grouped(network.parameters()), network.layers().size(), in_markdown(counts));
}

std::string accelerator_text(const CardSubject& subject) {
  std::string text = fmt::format(
      "## Accelerator\n\n{}, at {}: a model, not a chip that was made.\n\n| parameter | value | "
      "unit "
      "|\n| --- | ---: | --- |\n",
      in_markdown(subject.accelerator.name), in_markdown(subject.technology));
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    text += fmt::format("| {} | {} | {} |\n", in_markdown(parameter.key),
                        parameter.text_in(subject.accelerator), in_markdown(parameter.unit));
  }
  return text + "\n";
}

std::string use_text(const CardSubject& subject) {
  const char* network = subject.network_yaml ? "network.yaml" : "network.onnx";
  return fmt::format(
      "## How to run\n\n```sh\ndovetail simulate -n {} -a accelerator.yaml        # the figures, "
      "layer "
      "by layer\ndovetail export -n {} --onnx int8.onnx --qdq          # in int8, for other "
      "runtimes\ndovetail export -n {} --torch .                       # as a torch.nn.Module, to "
      "train it\n```\n\n`network.onnx` is float32, batch 1, channels first, operator set 13; any "
      "ONNX runtime takes it.\n\n",
      network, network, network);
}

std::string limits_text(const Evaluation& evaluation, bool corrected) {
  std::string text = "## Limits\n\n";
  const auto add = [&](std::string_view line) { text += fmt::format("- {}\n", line); };
  if (evaluation.claimed) {
    add("No figure was evaluated: all are claims of a file that was imported; `dovetail simulate` "
        "says what the simulator does.");
  } else if (!evaluation.simulated) {
    add("Costs were predicted by the study's cost model; `dovetail simulate` says what the "
        "simulator "
        "does.");
  }
  if (corrected && !evaluation.claimed) {
    add("Latency and energy are corrected by a few measurements of a device; what `dovetail "
        "simulate` says is without that.");
  }
  if (evaluation.ok() && evaluation.accuracy.extrapolated) {
    add("The accuracy lies outside what its source was fitted or measured on.");
  }
  add("Latency is of one inference with the weights that stay on the chip loaded; the first one "
      "takes "
      "longer.");
  add("Area and energy are of a technology's coefficients; how near they and the cycles are to "
      "chips "
      "that exist stands in\n  the program's documentation (calibration, area and energy).");
  add("Accuracy is what its source says of this architecture, trained as there; it is not of the "
      "weights in this folder.");
  return text;
}

}  // namespace

std::string model_card(const StudyDescription& study, const StudyRun& run, const TrialRecord& trial,
                       const CardSubject& subject) {
  const std::string name = fmt::format("{}, trial {}", study.facts.name, trial.id);
  std::string text = front_matter(trial, name);
  text += fmt::format(
      "# {}\n\nA network and the accelerator that it was searched with: trial {} of the study {} "
      "(run "
      "{}, seed {}),\nsearched by dovetail {} and written by {}.\n\n",
      in_markdown(name), trial.id, in_markdown(study.facts.name), in_markdown(run.label), run.seed,
      in_markdown(study.facts.build), in_markdown(build_description()));
  text += figures_text(study, trial.evaluation, subject.corrected) + network_text(subject.network) +
          accelerator_text(subject) + use_text(subject);
  return text + limits_text(trial.evaluation, subject.corrected);
}

}  // namespace dovetail
