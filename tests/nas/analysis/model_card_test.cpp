// A model card says what the trial says, with units and sources, and no more.

#include "nas/analysis/model_card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/core.h>

#include "base/files/atomic_file.h"
#include "base/text/digits.h"
#include "nas/analysis/export_pair.h"
#include "nas/analysis/trial_table.h"
#include "nas/study/study.h"
#include "tests/nas/study/found_study.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

using testing::HasSubstr;
using testing::Not;

class ModelCardTest : public testing::Test {
 protected:
  std::filesystem::path pair() const { return files_.path() / "pair"; }

  TrialRecord found_trial() const {
    StudyOptions options;
    options.folder = files_.path() / "out";
    options.progress = ProgressMode::kQuiet;
    const FoundStudy outcome = run_and_report(StudySetup(files_.config()), options);
    return outcome.results().runs[0].front.front()->record;
  }

  TinyStudy files_;
};

TEST_F(ModelCardTest, StandsBesideAPairAndHasItsFigures) {
  const TrialRecord trial = found_trial();
  export_pair(files_.path() / "out", trial.id, pair(), {},
              {.card = true, .torch = true, .costs = true});
  const std::string card = read_file(pair() / "README.md");
  for (const Figure* metric : known_metrics(trial.evaluation)) {
    EXPECT_THAT(
        card, HasSubstr(fmt::format("| {} | {} | {} |", metric->name,
                                    digits_text(trial.evaluation.value(*metric), metric->decimals),
                                    metric->unit)));
  }
  EXPECT_THAT(card, HasSubstr("| simulation |"));
  EXPECT_THAT(card, HasSubstr("random ones unless it was told otherwise"));
  EXPECT_THAT(card, HasSubstr("dovetail simulate -n network.yaml -a accelerator.yaml"));
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    EXPECT_THAT(card, HasSubstr(parameter.unit));
  }
  EXPECT_THAT(read_file(pair() / "network.json"), HasSubstr("dovetail.network_layers/1"));
  EXPECT_THAT(read_file(pair() / "dovetail_torch.py"), HasSubstr("def load_network"));
  EXPECT_THAT(read_file(pair() / "network.onnx"), HasSubstr("dovetail.energy_uj"));
}

TEST_F(ModelCardTest, ItsFrontMatterIsYamlWithoutClaims) {
  const TrialRecord trial = found_trial();
  export_pair(files_.path() / "out", trial.id, pair(), {}, {.card = true});
  const std::string card = read_file(pair() / "README.md");
  ASSERT_TRUE(card.starts_with("---\n"));
  const std::size_t end = card.find("\n---\n", 4);
  ASSERT_NE(end, std::string::npos);
  YamlMap front = YamlNode::parse(card.substr(4, end - 3), "README.md").map();
  EXPECT_EQ(front.required("library_name").as_string(), "dovetail");
  EXPECT_FALSE(front.required("tags").items().empty());
  // what nobody told is not there
  for (const char* key : {"license", "datasets", "model-index"})
    EXPECT_FALSE(front.has(key)) << key;
  EXPECT_FALSE(std::filesystem::exists(pair() / "network.json"));
  EXPECT_THAT(read_file(pair() / "network.onnx"), Not(HasSubstr("dovetail.energy_uj")));
}

TEST_F(ModelCardTest, ATrialWithoutFiguresSaysWhy) {
  TrialRecord trial;
  trial.id = 7;
  trial.evaluation = Evaluation::without_figures(TrialStatus::kInfeasible, "too | small", true);
  StudyDescription study;
  study.facts.name = "some *study*";
  const Network network =
      StudySetup(files_.config()).space("joint").build_network(found_trial().choices);
  const AcceleratorConfig accelerator;
  const std::string card =
      model_card(study, {"joint", 3}, trial, {network, accelerator, "16nm", false});
  EXPECT_THAT(card, HasSubstr("This trial has no figures: infeasible: too \\| small"));
  EXPECT_THAT(card, HasSubstr("some \\*study\\*"));
  EXPECT_THAT(card, HasSubstr("-n network.onnx"));
  EXPECT_THAT(card, Not(HasSubstr("pipeline_tag")));
}

}  // namespace
}  // namespace dovetail
