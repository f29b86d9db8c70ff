#include "cost/surrogate/training/training_checkpoint.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files/hdf5_file.h"
#include "base/text/error.h"
#include "base/text/json_fault.h"
#include "base/text/version.h"

namespace dovetail {
namespace {

using nlohmann::json;

constexpr const char* kSchema = "dovetail.training_checkpoint/1";

/// Infinity, the best error before there is one, is no number of JSON.
json position(const TrainingCheckpoint& checkpoint) {
  const NetworkTraining::State& state = checkpoint.state;
  const bool any = state.best_epoch != 0;
  return {{"epochs_done", state.epochs},
          {"steps_done", state.steps},
          {"best_epoch", state.best_epoch},
          {"best_error_percent", any ? json(state.best_error) : json(nullptr)},
          {"first_moment_power", state.moments.first_power},
          {"second_moment_power", state.moments.second_power},
          {"seconds", checkpoint.seconds}};
}

void read_position(const json& node, TrainingCheckpoint& checkpoint) {
  NetworkTraining::State& state = checkpoint.state;
  state.epochs = node.at("epochs_done");
  state.steps = node.at("steps_done");
  state.best_epoch = node.at("best_epoch");
  if (state.best_epoch != 0) state.best_error = node.at("best_error_percent");
  state.moments.first_power = node.at("first_moment_power");
  state.moments.second_power = node.at("second_moment_power");
  checkpoint.seconds = node.at("seconds");
}

AlignedVector<float> read_floats(const Hdf5Reader& reader, const char* name, std::size_t count) {
  const std::vector<float> values = reader.array<float>(name, count);
  return {values.begin(), values.end()};
}

}  // namespace

TrainingIdentity identity_of(const Dataset& data, const TrainingOptions& options,
                             std::size_t member) {
  return {data.fingerprint(), build_description(), to_json_text(options), member};
}

void require_same_training(const TrainingIdentity& here, const TrainingIdentity& there,
                           const std::string& file) {
  const auto refuse = [&](const std::string& what) {
    throw InputError(Location{file}, what + "; leave --resume out to train from the beginning");
  };
  if (here.fingerprint != there.fingerprint) {
    refuse(fmt::format("comes from another data set (fingerprint {}, this one has {})",
                       there.fingerprint, here.fingerprint));
  }
  if (!same_build(here.build, there.build)) {
    refuse(
        fmt::format("was written by another build ('{}', this is '{}')", there.build, here.build));
  }
  if (here.member != there.member) {
    refuse(fmt::format("is that of member {}, expected {}", there.member + 1, here.member + 1));
  }
  if (here.options == there.options) return;
  const json ours = json::parse(here.options), theirs = json::parse(there.options);
  json names = theirs;
  names.update(ours);
  for (const auto& [name, unused] : names.items()) {
    const json value = ours.value(name, json()), other = theirs.value(name, json());
    if (other == value) continue;
    refuse(fmt::format("was made with other options: {} {}, now {}", name, other.dump(),
                       value.dump()));
  }
  refuse("was made with other options");
}

void save_checkpoint(const TrainingCheckpoint& checkpoint, const std::filesystem::path& file) {
  const NetworkTraining::State& state = checkpoint.state;
  Hdf5Writer writer(file, kSchema);
  writer.attribute("training", json{{"fingerprint", checkpoint.identity.fingerprint},
                                    {"build", checkpoint.identity.build},
                                    {"options", checkpoint.identity.options},
                                    {"member", checkpoint.identity.member}}
                                   .dump());
  writer.attribute("position", position(checkpoint).dump());
  const auto array = [&](const char* name, std::span<const float> values) {
    writer.array<float>(name, values, values.size());
  };
  array("parameters", state.parameters);
  array("first_moments", state.moments.first);
  array("second_moments", state.moments.second);
  if (state.best_epoch != 0) array("best", state.best);
  writer.commit();
}

TrainingCheckpoint load_checkpoint(const std::filesystem::path& file,
                                   const TrainingIdentity& identity, std::size_t parameters) {
  const Hdf5Reader reader(file, kSchema);
  TrainingCheckpoint checkpoint;
  try {
    const json training = json::parse(reader.attribute("training"));
    checkpoint.identity = {training.at("fingerprint"), training.at("build"), training.at("options"),
                           training.at("member")};
    require_same_training(identity, checkpoint.identity, file.string());
    read_position(json::parse(reader.attribute("position")), checkpoint);
  } catch (const json::exception& e) {
    reader.fail(fmt::format("is not a checkpoint that can be read: {}", json_fault(e)));
  }
  NetworkTraining::State& state = checkpoint.state;
  state.parameters = read_floats(reader, "parameters", parameters);
  state.moments.first = read_floats(reader, "first_moments", parameters);
  state.moments.second = read_floats(reader, "second_moments", parameters);
  if (state.best_epoch != 0) state.best = read_floats(reader, "best", parameters);
  return checkpoint;
}

}  // namespace dovetail
