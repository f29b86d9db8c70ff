#include "tests/base/text/schema_checker.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files/atomic_file.h"

namespace dovetail::test {

using Json = nlohmann::json;

struct SchemaChecker::Impl {
  /// What is wrong with a value, at its first place; empty if nothing is.
  std::string defect(const Json& value, const Json& rule, const std::string& at) const {
    if (rule.contains("$ref")) {
      return defect(value, root.at(Json::json_pointer(rule["$ref"].get<std::string>().substr(1))),
                    at);
    }
    if (rule.contains("const") && value != rule["const"]) return at + ": another constant";
    if (rule.contains("enum") && std::ranges::count(rule["enum"], value) == 0) {
      return at + ": none of the constants";
    }
    if (rule.contains("anyOf")) {
      const bool fits = std::ranges::any_of(
          rule["anyOf"], [&](const Json& one) { return defect(value, one, at).empty(); });
      return fits ? "" : at + ": none of the forms";
    }
    if (rule.contains("type") && !has_type(value, rule["type"])) return at + ": another type";
    if (value.is_object()) return defect_of_members(value, rule, at);
    if (value.is_array() && rule.contains("items")) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        const auto wrong = defect(value[i], rule["items"], at + "/" + std::to_string(i));
        if (!wrong.empty()) return wrong;
      }
    }
    return "";
  }

  static bool has_type(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    return type == "number" && value.is_number();
  }
  std::string defect_of_members(const Json& value, const Json& rule, const std::string& at) const {
    for (const auto& key : rule.value("required", Json::array())) {
      if (!value.contains(key)) return at + ": no " + key.get<std::string>();
    }
    for (const auto& [key, member] : value.items()) {
      if (!rule.contains("properties") || !rule["properties"].contains(key)) {
        if (rule.value("additionalProperties", true)) continue;
        return at + ": unexpected " + key;
      }
      const std::string wrong = defect(member, rule["properties"][key], at + "/" + key);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  Json root;
};

SchemaChecker::SchemaChecker(const std::filesystem::path& file)
    : impl_(new Impl{Json::parse(read_file(file))}) {}

SchemaChecker::~SchemaChecker() = default;

std::string SchemaChecker::defect(const std::string& text, const std::string& definition) const {
  return impl_->defect(Json::parse(text), impl_->root.at("$defs").at(definition), definition);
}

}  // namespace dovetail::test
