#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "models/accuracy/source/accuracy_source.h"
#include "models/accuracy/transfer/transfer_model.h"
#include "models/network/blocks/scaled_blocks.h"

namespace dovetail {

/// A published network of a family, and what the fit makes of it.
struct FamilyMember {
  std::string name, source;
  double published_percent = 0;
  double width_log2 = 0, resolution_log2 = 0;  // against the reference
  double left_out_percent = 0;                 // by a fit to the other members
};

/// Networks that are one network at several widths and resolutions, with published accuracies, and
/// what these say of others that are scaled from it (`schema: dovetail.network_family/1`).
///
///   log(100 - top1) = c0 + c1 a + c2 b + c3 a^2 + c4 b^2,   top1 then corrected for depth
///
/// b is log2 of the resolution over the reference's. a is the width: of each block half of log2 of
/// its multiply-accumulates at a position over those of the same block of the reference, the mean
/// of these over a stage, and the mean over the stages, weighted by the importance of the blocks
/// that the reference has there. A network whose channels are all multiplied by w has a = log2 w.
/// The coefficients are fitted to the members by least squares.
///
/// Members differ in no depth, and all stages are widened alike, so two things come from elsewhere:
/// `effects`, a transfer (transfer_model.h), gives the importance of a stage's blocks, which is
/// what their expansion is worth there, and what the number of blocks of a stage is worth. They
/// were found on another space. Stage 0 counts as stage 1. Below the numbers of blocks that are
/// known each is worth the first known step; above them each is worth the last one times the ratio
/// of the last two, again and again.
class NetworkFamily {
 public:
  /// Throws InputError for a file that is not whole, members of another shape than the reference or
  /// without published accuracy, and too few of them for the fit.
  static NetworkFamily load(const std::filesystem::path& file);

  const std::string& name() const { return name_; }
  const std::string& effects() const { return effects_name_; }
  const std::vector<FamilyMember>& members() const { return members_; }
  /// c0 to c4.
  const std::vector<double>& coefficients() const { return coefficients_; }
  /// Of the members, each predicted by a fit to the others.
  const LeaveOneOut& error() const { return error_; }

  /// Why a network is not this family's at another scale; empty if it is.
  std::string difference(const ScalableNetwork& network) const;
  /// Refused outside the widths and resolutions between the members (their convex hull) and for a
  /// stage of more than kMostBlocks; flagged as extrapolated where the depth is not the reference's
  /// and where no one width, times the reference's channels and rounded (round_channels()), gives
  /// the channels of all stages. The network must be of the family.
  AccuracyAnswer accuracy(const ScalableNetwork& network, const NetworkScale& scale) const;
  static constexpr int kMostBlocks = 8;

 private:
  NetworkFamily(std::string name, ScalableNetwork reference, TransferModel effects);

  void add_member(const BlockNetwork& network);
  void fit();
  double width_log2(const ScalableNetwork& network, const NetworkScale& scale) const;
  double resolution_log2(const NetworkScale& scale) const;
  /// Whether the channels are those of the reference times one number, rounded.
  bool is_of_one_width(const std::vector<int>& channels) const;
  /// Points of top-1 against the depth of the reference.
  double depth_points(const std::vector<int>& blocks) const;

  std::string name_, effects_name_;
  ScalableNetwork reference_;
  TransferModel transfer_;
  std::vector<int> effect_stages_;  // of each stage of the reference, among those of the transfer
  std::vector<FamilyMember> members_;
  std::vector<std::pair<double, double>> hull_;  // of width and resolution, counter-clockwise
  std::vector<double> coefficients_;
  LeaveOneOut error_;
};

/// The family of configs/families that the network is of, or the one of that name or file. Throws
/// InputError if it is of none (of that one).
NetworkFamily find_family(const ScalableNetwork& network, const std::string& name_or_path);

}  // namespace dovetail
