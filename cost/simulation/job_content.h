#pragma once

#include <string>
#include <vector>

namespace dovetail {

/// What of a job (protocol.h) what its pairs cost depends on: equal for jobs whose pairs cost the
/// same, whatever they are asked for and whatever files they were read from.
struct JobContent {
  std::string common;                 // to all pairs
  std::vector<std::string> networks;  // of loose pairs, each of which names one by its position
};

/// Of a text that is no job: the text itself.
JobContent content_of_job(const std::string& job);

}  // namespace dovetail
