// A library of its own, loaded by connect_mpi(), so that only the ranks of an MPI job pay for MPI.
// It links nothing of Dovetail: of rank_pool.h it uses the interface and the plain structs alone,
// and what it throws is a std::runtime_error.
#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>
#include <cstring>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "base/process/rank_pool.h"

namespace dovetail {
namespace {

namespace mpi = boost::mpi;

constexpr int kTag = 0;

/// What goes over the wire before the bytes.
struct Head {
  RankMessage::Kind kind;
  AnswerKind answer;
  std::uint64_t task;
};
static_assert(std::is_trivially_copyable_v<Head>);

template <typename Action>
auto checked(const Action& action) {
  try {
    return action();
  } catch (const mpi::exception& e) {
    throw std::runtime_error(std::string("MPI: ") + e.what());
  }
}

class MpiLink : public RankLink {
 public:
  int rank() const override { return world_.rank(); }
  int size() const override { return world_.size(); }
  std::string name() const override {
    return "rank " + std::to_string(rank()) + " on " + mpi::environment::processor_name();
  }

  void send(int to, const RankMessage& message) override {
    const Head head{message.kind, message.content.kind, message.task};
    std::string wire(sizeof head, '\0');
    std::memcpy(wire.data(), &head, sizeof head);
    wire += message.content.bytes;
    checked([&] { world_.send(to, kTag, wire.data(), static_cast<int>(wire.size())); });
  }

  std::optional<RankMessage> poll() override {
    return checked([&]() -> std::optional<RankMessage> {
      const auto arrived = world_.iprobe(mpi::any_source, kTag);
      if (!arrived) return std::nullopt;
      const auto size = static_cast<std::size_t>(arrived->count<char>().value_or(0));
      std::string wire(size, '\0');
      world_.recv(arrived->source(), kTag, wire.data(), static_cast<int>(size));
      Head head{};
      if (size < sizeof head) throw std::runtime_error("MPI: a message that is too short");
      std::memcpy(&head, wire.data(), sizeof head);
      return RankMessage{
          head.kind, arrived->source(), head.task, {head.answer, wire.substr(sizeof head)}};
    });
  }

 private:
  // An exception is reported and the ranks are ended in order, so not aborted for it.
  mpi::environment environment_{mpi::threading::single, /*abort_on_exception=*/false};
  mpi::communicator world_;
};

}  // namespace
}  // namespace dovetail

/// MpiModule of mpi_link.cpp.
extern "C" dovetail::RankLink* dovetail_connect_mpi() {
  return dovetail::checked([] { return new dovetail::MpiLink; });
}
