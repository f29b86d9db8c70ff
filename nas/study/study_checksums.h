#pragma once

#include <map>
#include <string>

#include "nas/study/study_store.h"

namespace dovetail {

// What a study file says is what was written to it: each item has a checksum of all its rows, which
// changes with every bit of them (base/files/checksum.h).

/// `facts` as rows of the file, those of other versions too.
std::string checksum_of(const std::map<std::string, std::string>& facts,
                        const StudyDescription& description);

std::string checksum_of(const StoredTrial& trial, const TrialFigures& figures);

std::string checksum_of(const std::string& network, const AccuracyAnswer& answer);

/// What the file calls the items that are no trials.
inline const std::string kDescriptionItem = "description";
std::string accuracy_item(const std::string& network);

}  // namespace dovetail
