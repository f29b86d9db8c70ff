#include "cost/surrogate/rivals/rival.h"

#include "base/text/error.h"
#include "base/text/text.h"
#include "cost/surrogate/rivals/additive.h"
#include "cost/surrogate/rivals/mlp_rival.h"
#include "cost/surrogate/rivals/roofline.h"
#include "models/network/space/space_description.h"
#ifdef DOVETAIL_HAVE_XGBOOST
#include "cost/surrogate/rivals/boosted_trees.h"
#endif

namespace dovetail {
namespace {

template <AdditiveTarget kTarget>
std::unique_ptr<Rival> make_additive(const RivalSetup& setup) {
  return std::make_unique<AdditiveRival>(describe(setup.networks), describe(setup.accelerators),
                                         kTarget);
}

std::unique_ptr<Rival> make_roofline(const RivalSetup& setup) {
  return std::make_unique<RooflineRival>(setup.networks, setup.accelerators);
}

#ifdef DOVETAIL_HAVE_XGBOOST
std::unique_ptr<Rival> make_trees(const RivalSetup& setup) {
  return make_boosted_trees(describe(setup.networks), describe(setup.accelerators), setup.trees,
                            setup.keep_going);
}
#endif

std::unique_ptr<Rival> make_mlp(const RivalSetup& setup) {
  return std::make_unique<MlpRival>(setup, std::nullopt);
}

template <RooflineRoof kRoof>
std::unique_ptr<Rival> make_residual_mlp(const RivalSetup& setup) {
  return std::make_unique<MlpRival>(setup, kRoof);
}

const std::vector<RivalKind>& kinds() {
  static const std::vector<RivalKind> kTable = {
      {"roofline", "bound by peak and bandwidth, layer by layer, times one fitted factor", false,
       make_roofline},
      {"lookup_table", "a sum of one entry for each choice of each decision", true,
       make_additive<AdditiveTarget::kCost>},
      {"log_linear", "a product of one factor for each choice: linear regression of the logarithm",
       true, make_additive<AdditiveTarget::kLogCost>},
#ifdef DOVETAIL_HAVE_XGBOOST
      {"boosted_trees", "gradient-boosted trees of the logarithm (XGBoost)", true, make_trees},
#endif
      {"mlp", "the surrogate of dovetail train", true, make_mlp},
      {"mlp_residual", "the same with --form residual: roofline times what an MLP says", true,
       make_residual_mlp<RooflineRoof::kComputeAndIo>},
      {"mlp_residual_compute", "with --form residual_compute: of the roofline the compute roof",
       true, make_residual_mlp<RooflineRoof::kCompute>},
  };
  return kTable;
}

}  // namespace

std::span<const RivalKind> rival_kinds() {
  return kinds();
}

const RivalKind& find_rival(const std::string& name) {
  std::vector<std::string> known;
  for (const RivalKind& kind : kinds()) {
    if (kind.name == name) return kind;
    known.push_back(kind.name);
  }
  throw InputError(unknown_name("model", name, known));
}

std::string missing_rivals() {
#ifdef DOVETAIL_HAVE_XGBOOST
  return "";
#else
  return "boosted_trees: this build has no XGBoost (Debian: libxgboost-dev)";
#endif
}

}  // namespace dovetail
