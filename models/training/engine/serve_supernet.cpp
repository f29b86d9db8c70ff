#include "models/training/engine/serve_supernet.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <sstream>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/files/checksum.h"
#include "base/process/line_program.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "models/training/engine/device.h"
#include "models/training/engine/supernet_trainer.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

Choices choices_of(const std::string& word, const NetworkSpace& space) {
  Choices choices;
  for (const std::string& number : split(word, ',')) {
    choices.push_back(static_cast<std::uint16_t>(std::stoul(number)));
  }
  space.decisions().validate(choices);
  return choices;
}

std::string_view bytes_of_pixels(const std::vector<std::uint8_t>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size()};
}

class SupernetServer {
 public:
  explicit SupernetServer(const fs::path& folder)
      : files_(SupernetFiles::in(folder)),
        job_(SupernetJob::load(files_.job)),
        plan_(std::make_shared<NetworkSpace>(NetworkSpace::parse(job_.space, job_.space_name))),
        data_(load_image_data(
            job_.data, plan_.sub_network(plan_.largest()).network.layers().back().output.channels,
            static_cast<std::size_t>(job_.recipe.validation))),
        device_(device_called(job_.device)),
        trainer_(plan_, job_, data_, device_) {
    resume();
  }

  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "progress") {
      const SupernetProgress p = trainer_.progress();
      return fmt::format("{} {} {}", p.steps, p.steps_per_epoch, p.all_steps);
    }
    if (word == "train") return train(words);
    if (word == "score") {
      int batches = 0;
      words >> batches >> word;
      return format_number(trainer_.score(choices_of(word, plan_.space()), batches));
    }
    if (word == "measure") {
      words >> word;
      return format_number(trainer_.measure(choices_of(word, plan_.space())));
    }
    if (word == "save") {
      save(line.size() > word.size() ? line.substr(word.size() + 1) : "");
      return "";
    }
    if (word == "note") return note_;
    throw InputError("supernet: found '" + word + "' for a request");
  }

 private:
  std::string train(std::istringstream& words) {
    std::vector<Choices> networks;
    for (std::string word; words >> word;) networks.push_back(choices_of(word, plan_.space()));
    if (networks.empty()) throw InputError("supernet: a step of no network");
    const SupernetStep step = trainer_.train(networks);
    std::string text = format_number(step.loss);
    for (const double percent : step.percents) text += " " + format_number(percent);
    return text;
  }

  /// Changes with anything that the numbers depend on, but not with the folder of the images.
  std::string checksum() const {
    SupernetJob placeless = job_;
    placeless.data.clear();
    Checksum checksum;
    checksum.add(placeless.to_json_text());
    for (const ImageSet* set : {&data_.training, &data_.validation}) {
      checksum.add(bytes_of_pixels(set->pixels));
      checksum.add(bytes_of_pixels(set->labels));
    }
    checksum.add(engine_description(device_));
    return checksum.text();
  }

  void save(const std::string& note) {
    note_ = note;
    TensorFile state = trainer_.state();
    state.metadata["job"] = checksum();
    state.metadata["note"] = note;
    state.save(files_.weights);
  }

  void resume() {
    std::error_code error;
    if (!fs::exists(files_.weights, error)) return;
    const TensorFile state = TensorFile::load(files_.weights);
    const auto job = state.metadata.find("job"), note = state.metadata.find("note");
    if (job == state.metadata.end() || job->second != checksum() || note == state.metadata.end()) {
      throw InputError(files_.weights.string() +
                       ": of another supernet: the space, the recipe, the images or the engine has "
                       "changed since it was begun");
    }
    trainer_.restore(state);
    note_ = note->second;
  }

  SupernetFiles files_;
  SupernetJob job_;
  SupernetPlan plan_;
  ImageData data_;
  at::Device device_;
  SupernetTrainer trainer_;
  std::string note_;
};

/// A message on one line.
std::string on_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

void serve_supernet(const fs::path& folder) {
  std::optional<SupernetServer> server;
  std::string line;
  while (read_request_line(line)) {
    std::string answer;
    try {
      if (!server) server.emplace(folder);
      answer = "ok " + server->answer(line);
    } catch (const InputError& e) {
      answer = "input " + on_one_line(e.what());
    } catch (const DiskFullError& e) {
      answer = "disk " + on_one_line(e.what());
    } catch (const std::exception& e) {
      answer = "run " + on_one_line(e.what());
    }
    if (!write_answer_line(answer)) return;
  }
}

}  // namespace dovetail
