#include "models/training/data/gzip_file.h"

#include <fmt/core.h>
#include <zlib.h>

#include <memory>

#include "base/files/atomic_file.h"
#include "base/text/error.h"

namespace dovetail {
namespace {

constexpr unsigned kPieceBytes = 1 << 20;
constexpr int kGzipWindow = 15 + 16;  // the largest window; gzip's header and no other

bool is_gzip(const std::string& content) {
  return content.size() >= 2 && content[0] == '\x1f' && content[1] == '\x8b';
}

}  // namespace

std::string read_maybe_gzip(const std::filesystem::path& file, std::size_t most_bytes) {
  const std::string content = read_file(file);
  const auto too_large = [&] {
    return InputError(
        fmt::format("{}: more than {} bytes of images or labels", file.string(), most_bytes));
  };
  if (!is_gzip(content)) {
    if (content.size() > most_bytes) throw too_large();
    return content;
  }
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) throw RunError("zlib does not start");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ended(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<unsigned>(content.size());
  std::string text;
  int status = Z_OK;
  while (status == Z_OK) {
    const std::size_t before = text.size();
    text.resize(before + kPieceBytes);
    stream.next_out = reinterpret_cast<Bytef*>(text.data() + before);
    stream.avail_out = kPieceBytes;
    status = inflate(&stream, Z_NO_FLUSH);
    text.resize(before + kPieceBytes - stream.avail_out);
    if (text.size() > most_bytes) throw too_large();
  }
  if (status != Z_STREAM_END) {
    throw InputError(fmt::format("{}: the gzip file is {}", file.string(),
                                 status == Z_BUF_ERROR ? "cut off" : "damaged"));
  }
  return text;
}

}  // namespace dovetail
