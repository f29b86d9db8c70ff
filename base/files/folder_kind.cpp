#include "base/files/folder_kind.h"

#include <fmt/core.h>

#include <array>
#include <fstream>
#include <optional>

#include "base/text/error.h"

namespace dovetail {
namespace fs = std::filesystem;
namespace {

/// What the schema of a CSV file begins with that only one kind of folder has.
struct TableOfKind {
  const char* schema;
  FolderKind kind;
};
constexpr std::array<TableOfKind, 9> kTables{{{"dovetail.exploration", FolderKind::kExploration},
                                              {"dovetail.sensitivity/", FolderKind::kExploration},
                                              {"dovetail.network_samples/", FolderKind::kSamples},
                                              {"dovetail.regret", FolderKind::kRegret},
                                              {"dovetail.claims/", FolderKind::kClaims},
                                              {"dovetail.targets/", FolderKind::kTargets},
                                              {"dovetail.cost_models/", FolderKind::kCostModels},
                                              {"dovetail.training_", FolderKind::kTraining},
                                              {"dovetail.scaling/", FolderKind::kScaling}}};

const char* text_of(FolderKind kind) {
  switch (kind) {
    case FolderKind::kStudy:
      return "a study ('dovetail search')";
    case FolderKind::kExploration:
      return "an exploration ('dovetail explore')";
    case FolderKind::kSamples:
      return "networks of a space ('dovetail sample')";
    case FolderKind::kRegret:
      return "regrets of strategies ('dovetail bench regret')";
    case FolderKind::kClaims:
      return "claims ('dovetail bench claims')";
    case FolderKind::kTargets:
      return "targets ('dovetail bench targets')";
    case FolderKind::kCostModels:
      return "cost models ('dovetail bench cost-models')";
    case FolderKind::kTraining:
      return "a training ('dovetail train-network')";
    case FolderKind::kScaling:
      return "scaled networks ('dovetail scale')";
  }
  return "";
}

std::optional<FolderKind> kind_of(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return std::nullopt;
  if (file.filename() == "study.db") return FolderKind::kStudy;
  if (file.extension() != ".csv") return std::nullopt;
  std::string line(256, '\0');
  std::ifstream stream(file);
  stream.read(line.data(), static_cast<std::streamsize>(line.size()));
  constexpr std::string_view kStart = "# schema: ";
  if (!line.starts_with(kStart)) return std::nullopt;
  for (const TableOfKind& table : kTables) {
    if (line.compare(kStart.size(), std::string_view(table.schema).size(), table.schema) == 0) {
      return table.kind;
    }
  }
  return std::nullopt;
}

}  // namespace

void require_folder_of(FolderKind kind, const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::optional<FolderKind> found = kind_of(entry.path());
    if (!found || *found == kind) continue;
    throw InputError(fmt::format("{}: found {} there, of {}; allowed a folder of its own for {}",
                                 folder.string(), entry.path().filename().string(), text_of(*found),
                                 text_of(kind)));
  }
}

}  // namespace dovetail
