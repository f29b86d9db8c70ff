// A library of its own, loaded by connect_mpi(), so that only the ranks of an MPI job pay for MPI.
// It links nothing of Dovetail: of rank_pool.h it uses the interface alone, and what it throws is a
// std::runtime_error.
#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>
#include <boost/mpi/request.hpp>
#include <deque>
#include <stdexcept>
#include <string>

#include "base/process/rank_pool.h"

namespace dovetail {
namespace {

namespace mpi = boost::mpi;

constexpr int kTag = 0;

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

  void send(int to, const std::string& bytes) override {
    checked([&] {
      // Waiting for the receiver would leave two ranks that send to each other waiting for ever.
      while (!sent_.empty() && sent_.front().request.test()) sent_.pop_front();
      sent_.push_back({bytes, {}});
      const std::string& kept = sent_.back().bytes;
      sent_.back().request = world_.isend(to, kTag, kept.data(), static_cast<int>(kept.size()));
    });
  }

  std::optional<Received> poll() override {
    return checked([&]() -> std::optional<Received> {
      const auto arrived = world_.iprobe(mpi::any_source, kTag);
      if (!arrived) return std::nullopt;
      const auto size = static_cast<std::size_t>(arrived->count<char>().value_or(0));
      Received received{arrived->source(), std::string(size, '\0')};
      world_.recv(received.from, kTag, received.bytes.data(), static_cast<int>(size));
      return received;
    });
  }

  /// All that was sent has left.
  ~MpiLink() override {
    for (Sent& sent : sent_) sent.request.wait();
  }

 private:
  struct Sent {
    std::string bytes;
    mpi::request request;
  };

  // An exception is reported and the ranks are ended in order, so not aborted for it.
  mpi::environment environment_{mpi::threading::single, /*abort_on_exception=*/false};
  mpi::communicator world_;
  std::deque<Sent> sent_;  // what may still be under way
};

}  // namespace
}  // namespace dovetail

/// MpiModule of mpi_link.cpp.
extern "C" dovetail::RankLink* dovetail_connect_mpi() {
  return dovetail::checked([] { return new dovetail::MpiLink; });
}
