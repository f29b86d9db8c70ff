#pragma once

#include <span>
#include <string>
#include <vector>

#include "cost/model/cost_model.h"
#include "cost/simulation/loose_pairs.h"
#include "cost/simulation/pair_simulator.h"

namespace dovetail {

// What processes that ask for costs and those that find them say to each other: JSON texts, the
// contents of the messages of base/process/work_message.h. docs/protocol.md describes them and
// docs/protocol.schema.json defines them. Numbers read back as they were, bit for bit.

/// What all pairs of a job have in common.
struct CostsJob {
  PairDomain domain;
  std::string technology;
  std::string purpose = {};  // JSON text: what the job is a part of; empty if nobody needs to know
};

std::string job_text(const CostsJob& job);
/// Throws InputError for a text that is no job, or one of another build of the program: that would
/// find other costs.
CostsJob job_from_text(const std::string& text);

/// The purpose alone, whatever build the job is of.
std::string purpose_of_job(const std::string& text);

std::string request_text(std::span<const Pair> pairs);
std::vector<Pair> request_from_text(const std::string& text);

std::string answer_text(std::span<const PairCosts> costs);
/// Throws RunError for a text that is no answer.
std::vector<PairCosts> answer_from_text(const std::string& text);

/// The answer to a request.
std::string answer_request(PairSimulator& simulator, const std::string& request);

// The same of pairs that share no domain: the job tells networks and spaces of them, of which each
// pair names one.

std::string loose_job_text(std::span<const NetworkSide> networks);
/// Throws InputError as job_from_text().
std::vector<NetworkSide> loose_job_from_text(const std::string& text);
std::string loose_request_text(std::span<const LoosePair> pairs);
std::vector<LoosePair> loose_request_from_text(const std::string& text);
std::string loose_answer_text(std::span<const LooseCosts> costs);
std::vector<LooseCosts> loose_answer_from_text(const std::string& text);

/// A WorkOfJob: what a worker does that is told job_text() or loose_job_text().
Work simulation_work(const std::string& job);

}  // namespace dovetail
