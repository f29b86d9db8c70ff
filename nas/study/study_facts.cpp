#include "nas/study/study_facts.h"

#include "base/text/csv.h"
#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

struct FactRow {
  const char* key;
  std::string StudyFacts::*text;
  bool required;
};
constexpr FactRow kTexts[] = {{"name", &StudyFacts::name, true},
                              {"configuration", &StudyFacts::configuration, true},
                              {"build", &StudyFacts::build, true},
                              {"accuracy", &StudyFacts::accuracy, false},
                              {"baseline", &StudyFacts::baseline, false}};
constexpr const char* kBaselineArea = "baseline_area_mm2";

struct ChecksumRows {
  std::string prefix;
  std::map<std::string, std::string> StudyFacts::*checksums;
};
const ChecksumRows kChecksums[] = {{"checksum of ", &StudyFacts::files},
                                   {"program ", &StudyFacts::programs}};

}  // namespace

std::map<std::string, std::string> rows_of(const StudyFacts& facts) {
  std::map<std::string, std::string> rows;
  for (const FactRow& row : kTexts) {
    const std::string& text = facts.*row.text;
    if (row.required || !text.empty()) rows[row.key] = text;
  }
  if (facts.baseline_area_mm2) rows[kBaselineArea] = format_number(*facts.baseline_area_mm2);
  for (const ChecksumRows& kind : kChecksums) {
    for (const auto& [what, checksum] : facts.*kind.checksums) rows[kind.prefix + what] = checksum;
  }
  return rows;
}

StudyFacts facts_of(const std::map<std::string, std::string>& rows) {
  StudyFacts facts;
  for (const FactRow& row : kTexts) {
    const auto found = rows.find(row.key);
    if (found != rows.end()) facts.*row.text = found->second;
    if (found == rows.end() && row.required) {
      throw InputError(std::string("no '") + row.key + "' is stored");
    }
  }
  for (const auto& [key, value] : rows) {
    if (key == kBaselineArea) facts.baseline_area_mm2 = number_of_cell(value);
    for (const ChecksumRows& kind : kChecksums) {
      if (!key.starts_with(kind.prefix)) continue;
      (facts.*kind.checksums)[key.substr(kind.prefix.size())] = value;
    }
  }
  return facts;
}

}  // namespace dovetail
