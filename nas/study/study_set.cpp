#include "nas/study/study_set.h"

namespace dovetail {
namespace {

std::vector<const StudySetItem*> pointers_or_own(const std::vector<StudySetItem>& items) {
  static const StudySetItem kOwn;
  std::vector<const StudySetItem*> pointers;
  for (const StudySetItem& item : items) pointers.push_back(&item);
  if (pointers.empty()) pointers.push_back(&kOwn);
  return pointers;
}

}  // namespace

std::vector<const StudySetItem*> StudySet::networks_or_own() const {
  return pointers_or_own(networks);
}

std::vector<const StudySetItem*> StudySet::targets_or_own() const {
  return pointers_or_own(targets);
}

std::optional<double> StudySet::limit_of(std::size_t member) const {
  const auto all_targets = targets_or_own();
  const StudySetItem &network = *networks_or_own()[member / all_targets.size()],
                     &target = *all_targets[member % all_targets.size()];
  return network.latency_ms ? network.latency_ms : target.latency_ms;
}

std::vector<SetMember> members_of(const StudySet& set) {
  std::vector<SetMember> members;
  if (set.empty()) return members;
  for (const StudySetItem* network : set.networks_or_own()) {
    for (const StudySetItem* target : set.targets_or_own()) {
      const bool both = !network->name.empty() && !target->name.empty();
      SetMember member{network->name + (both ? "@" : "") + target->name,
                       network->weight * target->weight};
      const std::optional<double> limit = set.limit_of(members.size());
      if (limit || !network->what.empty()) member.reference_ms = limit.value_or(1);
      members.push_back(std::move(member));
    }
  }
  return members;
}

}  // namespace dovetail
