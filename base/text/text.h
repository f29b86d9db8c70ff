#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dovetail {

/// The candidate with the smallest edit distance to `word`, or empty if none is near enough to be
/// a plausible typo (distance at most 1 + a third of the word's length).
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// "unknown KIND 'WORD'; did you mean 'X'? Known: a, b, c" for error messages.
std::string unknown_name(std::string_view kind, std::string_view word,
                         std::span<const std::string> known);

std::string join(std::span<const std::string> parts, std::string_view separator = ", ");
std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);

/// A cell of CSV: quoted if it needs it (RFC 4180).
std::string csv_cell(const std::string& text);

/// Shortest decimal that reads back as the same double; integers print without a point.
std::string format_number(double value);

}  // namespace dovetail
