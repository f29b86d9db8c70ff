#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/numbers/random.h"
#include "base/process/rank_pool.h"

namespace dovetail {

/// Rank 0's link to ranks that live in this process and work when polled, one message at a time,
/// in an order that a seed decides.
class FakeRanks : public RankLink {
 public:
  FakeRanks(int size, const std::function<WorkOfJob(int rank)>& work_of_job_of,
            std::uint64_t seed = 1)
      : inboxes_(static_cast<std::size_t>(size)), tasks_done_(inboxes_.size(), 0), rng_(seed) {
    for (int rank = 1; rank < size; ++rank) {
      servers_.push_back(std::make_unique<WorkServer>("rank " + std::to_string(rank) + " on node",
                                                      work_of_job_of(rank)));
    }
  }

  int rank() const override { return 0; }
  int size() const override { return static_cast<int>(inboxes_.size()); }
  std::string name() const override { return "rank 0 on node"; }
  void send(int to, const std::string& bytes) override {
    auto& inbox = inboxes_.at(static_cast<std::size_t>(to));
    inbox.push_back(work_message(bytes));
    longest_inbox_ = std::max(longest_inbox_, inbox.size());
  }
  std::optional<Received> poll() override {
    ++polls_;
    if (rng_.index(3) == 0) return std::nullopt;  // nothing has arrived yet
    std::vector<std::size_t> busy;
    for (std::size_t rank = 1; rank < inboxes_.size(); ++rank) {
      if (!inboxes_[rank].empty() && !(rank == 1 && polls_ < first_rank_sleeps_)) {
        busy.push_back(rank);
      }
    }
    if (busy.empty()) return std::nullopt;
    return let_work(busy[rng_.index(busy.size())]);
  }

  /// Rank 1 does nothing in the first so many polls.
  void let_first_rank_sleep(std::size_t polls) { first_rank_sleeps_ = polls; }
  std::size_t longest_inbox() const { return longest_inbox_; }
  const std::vector<std::size_t>& tasks_done() const { return tasks_done_; }
  bool all_ended() const {
    for (const auto& server : servers_) {
      if (!server->ended()) return false;
    }
    return true;
  }

 private:
  std::optional<Received> let_work(std::size_t rank) {
    const WorkMessage message = std::move(inboxes_[rank].front());
    inboxes_[rank].pop_front();
    const auto answer = servers_[rank - 1]->handle(message);
    if (message.kind == WorkMessage::Kind::kTask) ++tasks_done_[rank];
    if (!answer) return std::nullopt;
    return Received{static_cast<int>(rank), to_bytes(*answer)};
  }

  std::vector<std::unique_ptr<WorkServer>> servers_;
  std::vector<std::deque<WorkMessage>> inboxes_;
  std::vector<std::size_t> tasks_done_;
  Rng rng_;
  std::size_t polls_ = 0, first_rank_sleeps_ = 0, longest_inbox_ = 0;
};

}  // namespace dovetail
