#pragma once

#include <cstring>
#include <span>
#include <string>
#include <type_traits>

#include "base/text/error.h"

namespace dovetail {

// Figures on their way from a forked worker to its parent, which has the same memory layout:
// numbers and fixed lengths of numbers, one after another. Written and read with the same list of
// fields.

namespace fields_detail {

template <typename T>
concept Number = std::is_arithmetic_v<T> || std::is_enum_v<T>;

template <Number T>
std::span<const std::byte> bytes_of_field(const T& number) {
  return std::as_bytes(std::span(&number, 1));
}
template <Number T, std::size_t N>
std::span<const std::byte> bytes_of_field(std::span<T, N> numbers) {
  return std::as_bytes(numbers);
}

template <Number T>
std::span<std::byte> place_of_field(T& number) {
  return std::as_writable_bytes(std::span(&number, 1));
}
template <Number T, std::size_t N>
std::span<std::byte> place_of_field(std::span<T, N> numbers) {
  return std::as_writable_bytes(numbers);
}

}  // namespace fields_detail

/// The bytes of numbers and of spans of numbers.
template <typename... Fields>
std::string write_fields(const Fields&... fields) {
  std::string bytes;
  const auto add = [&](std::span<const std::byte> field) {
    bytes.append(reinterpret_cast<const char*>(field.data()), field.size());
  };
  (add(fields_detail::bytes_of_field(fields)), ...);
  return bytes;
}

/// Reads them back, into numbers and into the memory that spans show. Throws RunError if there are
/// more or fewer bytes than that.
template <typename... Fields>
void read_fields(const std::string& bytes, Fields&&... fields) {
  const std::size_t size = (fields_detail::place_of_field(fields).size() + ... + 0);
  if (bytes.size() != size) throw RunError("a worker sent half an answer");
  const char* at = bytes.data();
  const auto take = [&](std::span<std::byte> field) {
    if (!field.empty()) std::memcpy(field.data(), at, field.size());
    at += field.size();
  };
  (take(fields_detail::place_of_field(fields)), ...);
}

}  // namespace dovetail
