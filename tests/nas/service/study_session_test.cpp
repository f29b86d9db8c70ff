#include "nas/service/study_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/nas/study/study_fixture.h"

namespace dovetail {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

class StudySessionTest : public StudyTest {
 protected:
  static Json answer(StudySession& session, const Json& request) {
    return Json::parse(session.answer(request.dump()));
  }
};

TEST_F(StudySessionTest, TellsWhatTheStudyIs) {
  const StudySetup setup(files_.config("evaluations: 10\nconstraints: {area_mm2: 50}\n"));
  StudySession session(setup, options("out"));
  const Json study = answer(session, {{"study", true}, {"id", 7}});
  EXPECT_EQ(study.at("id"), 7);
  EXPECT_EQ(study.at("study").at("strategy"), "nsga2");
  EXPECT_EQ(study.at("study").at("pareto"), (Json{"top1_percent", "latency_ms"}));
  EXPECT_EQ(study.at("study").at("reference"), (Json{{"top1_percent", 60}, {"latency_ms", 0.1}}));
  EXPECT_EQ(study.at("study").at("constraints"), (Json{{"area_mm2", 50}}));
  EXPECT_THAT(study.at("study").at("spaces").at("network"), HasSubstr("net.yaml"));
  EXPECT_THAT(study.at("study").at("spaces").at("accelerator"), HasSubstr("hw.yaml"));
  const Json& decisions = study.at("study").at("decisions");
  ASSERT_EQ(decisions.size(), 10U);
  EXPECT_EQ(decisions[2].at("name"), "net.k1");
  EXPECT_EQ(decisions[2].at("active_if"),
            Json::parse(R"([{"decision": "net.d", "choices": [2]}])"));
  EXPECT_EQ(decisions[5].at("name"), "hw.pes_x");
}

TEST_F(StudySessionTest, AsksAndTells) {
  const StudySetup setup(files_.config("evaluations: 10\n"));
  StudySession session(setup, options("out"));
  const Json asked = answer(session, {{"ask", 4}}).at("candidates");
  ASSERT_EQ(asked.size(), 4U);
  EXPECT_EQ(asked[3].at("number"), 3);
  EXPECT_EQ(answer(session, {{"ask", 4}}).at("candidates"), asked);
  // As they came, number and all.
  const Json told = answer(session, {{"tell", asked}}).at("trials");
  ASSERT_EQ(told.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(told[i].at("choices"), asked[i].at("choices"));
    EXPECT_EQ(told[i].at("status"), "ok");
    EXPECT_GT(told[i].at("figures").at("cycles"), 0);
    EXPECT_GE(told[i].at("violation"), 0);
  }
  EXPECT_EQ(answer(session, {{"trials", true}}).at("trials"), told);
  EXPECT_EQ(session.done(), 4);
}

TEST_F(StudySessionTest, WhatIsWrongIsInTheAnswerAndNothingIsStored) {
  const StudySetup setup(files_.config("evaluations: 10\nstrategy: {name: external}\n"));
  StudySession session(setup, options("out"));
  const auto reason = [&](const Json& request) {
    const Json found = answer(session, request);
    EXPECT_EQ(found.at("status"), "invalid");
    return found.value("reason", "");
  };
  const Json choices{0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_THAT(reason({{"ask", 1}}), HasSubstr("strategy 'external' has no candidates"));
  EXPECT_THAT(reason({{"ask", 0}}), HasSubstr("ask: found 0, allowed 1 to"));
  EXPECT_THAT(reason({{"tel", Json::array()}}), HasSubstr("did you mean 'tell'?"));
  EXPECT_THAT(reason(Json::object()), HasSubstr("one of ask, tell, trials and study"));
  EXPECT_THAT(reason({{"ask", 1}, {"study", true}}), HasSubstr("one of ask, tell"));
  EXPECT_THAT(reason({{"tell", {{{"choices", {{"net.k0", 4}}}}}}}),
              HasSubstr("candidate 1: choices.net.k0: found '4', allowed 3, 5, 7"));
  EXPECT_THAT(reason({{"tell", {{{"choices", choices}}, {{"choices", {1}}}}}}),
              HasSubstr("candidate 2: choices: found 1 positions, allowed 10"));
  EXPECT_THAT(reason({{"tell", {{{"choices", choices}, {"top1_percent", 70}}}}}),
              HasSubstr("the study's accuracy source is 'predictor', allowed with 'told'"));
  EXPECT_THAT(reason({{"tell", {{{"choices", choices}, {"top1_percent", 700}}}}}),
              HasSubstr("found top1_percent 700, allowed a number from 0 to 100"));
  EXPECT_THAT(session.answer("no JSON"), HasSubstr("this is no JSON"));
  EXPECT_EQ(session.done(), 0);
  EXPECT_EQ(answer(session, {{"tell", {{{"choices", choices}}}}}).at("trials").size(), 1U);
}

TEST_F(StudySessionTest, TakesAccuracyWhereItIsTold) {
  const StudySetup setup(
      files_.config("accuracy: {source: told}\nstrategy: {name: random}\nevaluations: 8\n"));
  StudySession session(setup, options("out"));
  Json asked = answer(session, {{"ask", 3}}).at("candidates");
  for (std::size_t i = 0; i < 2; ++i) asked[i]["top1_percent"] = 70 + i;
  const Json told = answer(session, {{"tell", asked}}).at("trials");
  EXPECT_EQ(told[0].at("figures").at("top1_percent"), 70);
  EXPECT_EQ(told[1].at("figures").at("top1_percent"), 71);
  EXPECT_EQ(told[2].at("status"), "failed");
  EXPECT_THAT(told[2].at("reason"), HasSubstr("no accuracy was told"));
}

}  // namespace
}  // namespace dovetail
