#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace dovetail::test {

/// As much of JSON schema as ours uses.
class SchemaChecker {
 public:
  explicit SchemaChecker(const std::filesystem::path& file);
  ~SchemaChecker();
  SchemaChecker(const SchemaChecker&) = delete;
  SchemaChecker& operator=(const SchemaChecker&) = delete;

  /// What is wrong with a JSON text, at its first place, by one of the schema's definitions; empty
  /// if nothing is.
  std::string defect(const std::string& text, const std::string& definition) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dovetail::test
