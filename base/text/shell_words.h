#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dovetail {

/// A word of a command to be copied into a shell: quoted if it needs it.
std::string shell_word(std::string_view text);

/// "a 'b c'": the words with a blank between them.
std::string shell_words(std::span<const std::string> words);

}  // namespace dovetail
