#include "nas/space/network_checksum.h"

#include <gtest/gtest.h>

#include "models/network/zoo.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

constexpr const char* kNetwork = R"(schema: dovetail.network/1
name: small
published: {top1_percent: 60, source: x}
input: {height: 32, width: 32, channels: 3}
blocks:
  - conv k=3 s=2 c=16 act=relu
  - pool
  - fc c=10
)";

Network changed(const std::string& from, const std::string& to) {
  std::string text = kNetwork;
  text.replace(text.find(from), from.size(), to);
  const TemporaryFolder folder;
  return load_network(folder.write("net.yaml", text));
}

TEST(NetworkChecksum, ChangesWithEverythingThatAnAnswerDependsOn) {
  const Network network = changed("small", "small");
  EXPECT_EQ(network_checksum(network),
            network_checksum(changed("blocks:", "# a comment\nblocks:")));
  EXPECT_NE(network_checksum(network), network_checksum(changed("c=16", "c=24")));
  EXPECT_NE(network_checksum(network), network_checksum(changed("width: 32", "width: 33")));
  for (const auto& [from, to] :
       {std::pair{"small", "other"}, {"percent: 60", "percent: 61"}, {"source: x", "source: y"}}) {
    EXPECT_NE(network_checksum(network), network_checksum(changed(from, to))) << from;
    EXPECT_EQ(layers_checksum(network), layers_checksum(changed(from, to))) << from;
  }
}

}  // namespace
}  // namespace dovetail
