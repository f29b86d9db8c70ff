#include "nas/strategy/hypervolume_improvement.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "nas/objective/pareto.h"
#include "nas/strategy/normal.h"

namespace dovetail {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Boxes in the first `dimensions` objectives; `done` has the sides of the others.
void cut(const std::vector<std::vector<double>>& front, const std::vector<double>& reference,
         std::size_t dimensions, Box& done, std::vector<Box>& boxes) {
  const std::size_t last = dimensions - 1;
  if (dimensions == 1) {
    done.low[0] = -kInfinity;
    done.high[0] = reference[0];
    for (const auto& point : front) done.high[0] = std::min(done.high[0], point[0]);
    boxes.push_back(done);
    return;
  }
  // Slices between the points' values of the last objective: within one the points below it
  // dominate as they do without that objective.
  std::vector<double> borders{-kInfinity, reference[last]};
  for (const auto& point : front) {
    if (point[last] < reference[last]) borders.push_back(point[last]);
  }
  std::sort(borders.begin(), borders.end());
  borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
  for (std::size_t b = 0; b + 1 < borders.size(); ++b) {
    std::vector<std::vector<double>> below;
    for (const auto& point : front) {
      if (point[last] <= borders[b]) below.push_back(point);
    }
    done.low[last] = borders[b];
    done.high[last] = borders[b + 1];
    cut(below, reference, dimensions - 1, done, boxes);
  }
}

/// A number for each different value of a coordinate.
class Coordinates {
 public:
  std::size_t number_of(double value) {
    const auto [at, is_new] = numbers_.try_emplace(value, values_.size());
    if (is_new) values_.push_back(value);
    return at->second;
  }
  const std::vector<double>& values() const { return values_; }

 private:
  std::map<double, std::size_t> numbers_;
  std::vector<double> values_;
};

class HypervolumeImprovement : public Acquisition {
 public:
  HypervolumeImprovement(std::vector<std::vector<double>> front, std::vector<double> reference)
      : front_(std::move(front)), reference_(std::move(reference)) {
    make_boxes();
  }

  double gain(const Beliefs& beliefs, std::size_t i) const override {
    std::vector<std::vector<double>> shortfalls(reference_.size());
    for (std::size_t k = 0; k < reference_.size(); ++k) {
      const Beliefs::Figure& figure = beliefs.objectives[k];
      for (const double limit : coordinates_[k].values()) {
        shortfalls[k].push_back(expected_shortfall(limit, figure.means[i], figure.deviations[i],
                                                   beliefs.logarithmic[k]));
      }
    }
    double gain = 0;
    for (std::size_t b = 0; b < sides_.size(); b += reference_.size()) {
      double part = 1;
      for (std::size_t k = 0; k < reference_.size(); ++k) {
        const auto& [low, high] = sides_[b + k];
        part *= shortfalls[k][high] - shortfalls[k][low];
      }
      gain += part;
    }
    return std::max(0.0, gain);
  }

  void take(const Beliefs& beliefs, std::size_t i) override {
    std::vector<double> point;
    for (std::size_t k = 0; k < reference_.size(); ++k) point.push_back(beliefs.objective(k, i));
    for (const auto& other : front_) {
      if (other == point || dominates(other, point)) return;
    }
    std::erase_if(front_, [&](const auto& other) { return dominates(point, other); });
    front_.push_back(std::move(point));
    make_boxes();
  }

 private:
  struct Side {
    std::size_t low, high;  // numbers of coordinates
  };

  void make_boxes() {
    coordinates_.assign(reference_.size(), {});
    sides_.clear();
    for (const Box& box : non_dominated_boxes(front_, reference_)) {
      for (std::size_t k = 0; k < reference_.size(); ++k) {
        sides_.push_back(
            {coordinates_[k].number_of(box.low[k]), coordinates_[k].number_of(box.high[k])});
      }
    }
  }

  std::vector<std::vector<double>> front_;
  std::vector<double> reference_;
  std::vector<Coordinates> coordinates_;  // by objective
  std::vector<Side> sides_;               // of the boxes, one after the other
};

/// The points of largest crowding distance, in their order.
std::vector<std::vector<double>> thinned(std::vector<std::vector<double>> front) {
  if (front.size() <= kMostFrontPoints) return front;
  std::vector<Outcome> outcomes(front.size());
  for (std::size_t i = 0; i < front.size(); ++i) {
    outcomes[i].valid = true;
    outcomes[i].violation = 0;
    outcomes[i].objectives = front[i];
  }
  std::vector<std::size_t> order = rank_and_crowding_order(outcomes);
  order.resize(kMostFrontPoints);
  std::sort(order.begin(), order.end());
  std::vector<std::vector<double>> kept;
  for (const std::size_t i : order) kept.push_back(std::move(front[i]));
  return kept;
}

}  // namespace

std::vector<Box> non_dominated_boxes(const std::vector<std::vector<double>>& front,
                                     const std::vector<double>& reference) {
  Box box{reference, reference};
  std::vector<Box> boxes;
  cut(front, reference, reference.size(), box, boxes);
  std::erase_if(boxes, [](const Box& it) { return it.high.front() <= it.low.front(); });
  return boxes;
}

std::unique_ptr<Acquisition> hypervolume_improvement(std::vector<std::vector<double>> front,
                                                     std::vector<double> reference) {
  return std::make_unique<HypervolumeImprovement>(thinned(std::move(front)), std::move(reference));
}

}  // namespace dovetail
