#include "base/process/rank_pool.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "base/text/error.h"

namespace dovetail {
namespace {

/// Tasks that a rank has at hand: it must not run out while rank 0 is busy with a task of its own.
constexpr std::uint64_t kAheadPerRank = 4;
/// Tasks under way or waiting to be delivered, for each rank.
constexpr std::uint64_t kWindowPerRank = 16;
/// MPI would wait at full speed; this leaves the processor to those who work.
constexpr std::chrono::microseconds kNap{200};

void nap() {
  std::this_thread::sleep_for(kNap);
}

}  // namespace

/// One call of RankPool::run().
class RankPool::Run {
 public:
  Run(RankLink& link, const Tasks& tasks)
      : link_(link),
        tasks_(tasks),
        end_(tasks.count),
        window_(kWindowPerRank * static_cast<std::uint64_t>(link.size())),
        unanswered_(static_cast<std::size_t>(link.size()), 0) {
    for (int rank = 1; rank < link_.size(); ++rank) {
      link_.send(rank, to_bytes({WorkMessage::Kind::kJob, 0, {AnswerKind::kBytes, tasks.job}}));
    }
  }

  std::uint64_t deliver_all() {
    while (delivered_ < tasks_.count && (!tasks_.keep_going || tasks_.keep_going())) {
      receive();
      hand_out();
      if (const auto found = waiting_.find(delivered_); found != waiting_.end()) {
        tasks_.deliver(delivered_, bytes_of(found->second));
        waiting_.erase(found);
        ++delivered_;
      } else if (may_start_another()) {
        const std::uint64_t task = fresh_++;
        keep(task, answer_of([&] { return tasks_.work(tasks_.request(task)); }));
      } else {
        nap();
      }
    }
    return delivered_;
  }

 private:
  bool may_start_another() const { return fresh_ < end_ && fresh_ < delivered_ + window_; }

  void receive() {
    while (const auto received = link_.poll()) {
      WorkMessage message = work_message(received->bytes);
      if (message.kind != WorkMessage::Kind::kAnswer) {
        throw std::logic_error("RankPool: a rank sent what is no answer");
      }
      --unanswered_.at(static_cast<std::size_t>(received->from));
      keep(message.task, std::move(message.content));
    }
  }

  void hand_out() {
    for (std::uint64_t ahead = 0; ahead < kAheadPerRank; ++ahead) {
      for (int rank = 1; rank < link_.size(); ++rank) {
        std::uint64_t& unanswered = unanswered_[static_cast<std::size_t>(rank)];
        if (unanswered > ahead || !may_start_another()) continue;
        const std::uint64_t task = fresh_++;
        link_.send(
            rank,
            to_bytes({WorkMessage::Kind::kTask, task, {AnswerKind::kBytes, tasks_.request(task)}}));
        ++unanswered;
      }
    }
  }

  void keep(std::uint64_t task, Answer answer) {
    // Nothing behind a failure is delivered, so nothing behind it is started.
    if (answer.kind != AnswerKind::kBytes) end_ = std::min(end_, task + 1);
    waiting_.emplace(task, std::move(answer));
  }

  RankLink& link_;
  const Tasks& tasks_;
  std::uint64_t end_;        // no task from here on is started
  std::uint64_t fresh_ = 0;  // first task never started
  std::uint64_t window_;
  std::uint64_t delivered_ = 0;
  std::vector<std::uint64_t> unanswered_;  // tasks of each rank
  std::map<std::uint64_t, Answer> waiting_;
};

RankPool::RankPool(RankLink& link) : link_(link) {
  if (link.rank() != 0) throw std::logic_error("RankPool: not on rank 0");
}

RankPool::~RankPool() {
  try {
    for (int rank = 1; rank < link_.size(); ++rank) {
      link_.send(rank, to_bytes({}));
    }
    for (int working = link_.size() - 1; working > 0;) {
      const auto received = link_.poll();
      if (!received) {
        nap();
      } else if (work_message(received->bytes).kind == WorkMessage::Kind::kEnd) {
        --working;
      }
    }
  } catch (const std::exception& e) {
    fmt::print(stderr, "dovetail: the other ranks could not be told the end: {}\n", e.what());
  }
}

std::uint64_t RankPool::run(const Tasks& tasks) {
  if (left_over_) throw std::logic_error("RankPool: run again after a stop");
  if (tasks.count == 0) return 0;
  left_over_ = true;
  const std::uint64_t delivered = Run(link_, tasks).deliver_all();
  left_over_ = delivered < tasks.count;
  return delivered;
}

void serve_ranks(RankLink& link, const WorkOfJob& work_of_job) {
  WorkServer server(link.name(), work_of_job);
  std::deque<WorkMessage> messages;
  while (!server.ended()) {
    while (const auto received = link.poll()) {
      messages.push_back(work_message(received->bytes));
      // Nobody wants the answers to tasks before the end.
      if (messages.back().kind == WorkMessage::Kind::kEnd)
        messages.erase(messages.begin(), messages.end() - 1);
    }
    if (messages.empty()) {
      nap();
      continue;
    }
    if (const auto answer = server.handle(messages.front())) link.send(0, to_bytes(*answer));
    messages.pop_front();
  }
}

}  // namespace dovetail
