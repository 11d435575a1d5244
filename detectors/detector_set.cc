#include "detectors/detector_set.h"

#include <cstddef>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "detectors/asked.h"

namespace tocsin::detectors {
namespace {

template <class List>
struct Of;

template <class... Detectors>
struct Of<DetectorList<Detectors...>> {
  using Tuple = std::tuple<Detectors...>;
  static constexpr std::array<DetectorInfo, sizeof...(Detectors)> kCatalogue = {Detectors::kInfo...};

  static Tuple Make(const DetectorConfigs& configs) {
    return std::apply([](const auto&... configured) { return Tuple(configured.config...); }, configs);
  }
};

constexpr auto& kCatalogue = Of<Registry>::kCatalogue;

constexpr bool IdsAreUnique() {
  for (size_t i = 0; i < kCatalogue.size(); ++i) {
    for (size_t j = i + 1; j < kCatalogue.size(); ++j) {
      if (kCatalogue[i].id == kCatalogue[j].id) return false;
    }
  }
  return true;
}
static_assert(IdsAreUnique());

void Complete(const DetectorInfo& info, const DetectorOptions& options, Verdict& verdict) {
  if (verdict.leaning() != 0) {
    const double share = info.weight == 0 ? 1 : options.weight / info.weight;
    verdict.ScaleLeaning(options.mode == schemas::Mode::kShadow ? 0 : share);
  }
  if (!verdict.speaks()) return;
  for (Claim& claim : verdict.claims()) {
    claim.detector = info.id;
    claim.family = info.family;
    claim.mode = options.mode;
    claim.weight = info.weight == 0 ? options.weight : claim.weight * (options.weight / info.weight);
  }
  for (Retraction& retraction : verdict.retractions()) retraction.detector = info.id;
}

}  // namespace

bool DetectionResult::AnyAlert() const {
  for (const Verdict& verdict : verdicts) {
    if (verdict.alert()) return true;
  }
  return false;
}

const Verdict& DetectionResult::Of(std::string_view id) const {
  for (size_t i = 0; i < kDetectorCount; ++i) {
    if (kCatalogue[i].id == id) return verdicts[i];
  }
  CHECK(false);
}

std::span<const DetectorInfo, kDetectorCount> Catalogue() { return kCatalogue; }

struct DetectorSet::Impl {
  explicit Impl(const DetectorConfigs& configs) : detectors(Of<Registry>::Make(configs)) {
    std::apply([this](const auto&... configured) { options = {configured.options...}; }, configs);
  }

  // Which detector it is, and whether it looks at events of this type, is known at compile time: the loop
  // over all of them is a row of direct calls to those that do.
  template <size_t I, schemas::EventType kType>
  void EvaluateOne(const schemas::Event& event, const AccountState& state, const Context& context,
                   Verdict& verdict) const {
    constexpr DetectorInfo kInfo = kCatalogue[I];
    if (!options[I].enabled) {
      verdict = Verdict::NotEvaluable(kDisabled);
    } else if constexpr ((kInfo.events & Mask(kType)) == 0) {
      // Nearly always it is the verdict of the event before.
      if (verdict.speaks() || verdict.why().data() != kOtherEvent.data()) verdict = Verdict();
    } else {
      const size_t noted = context.measures == nullptr ? 0 : context.measures->size();
      verdict = std::get<I>(detectors).Evaluate(event, state, context);
      Complete(kInfo, options[I], verdict);
      if (context.measures != nullptr) {
        for (size_t i = noted; i < context.measures->size(); ++i) (*context.measures)[i].detector = kInfo.id;
      }
    }
  }

  template <schemas::EventType kType>
  void EvaluateAll(const schemas::Event& event, const AccountState& state, const Context& context,
                   DetectionResult& result) const {
    [&]<size_t... I>(std::index_sequence<I...>) {
      (EvaluateOne<I, kType>(event, state, context, result.verdicts[I]), ...);
    }
    (std::make_index_sequence<kDetectorCount>());
  }

  void Evaluate(const schemas::Event& event, const AccountState& state, const Context& context,
                DetectionResult& result) const;

  Of<Registry>::Tuple detectors;
  std::array<DetectorOptions, kDetectorCount> options;
};

DetectorSet::DetectorSet(const DetectorConfigs& configs) : impl_(std::make_unique<const Impl>(configs)) {}
DetectorSet::~DetectorSet() = default;

void DetectorSet::Evaluate(const schemas::Event& event, const AccountState& state, const Context& context,
                           DetectionResult& result) const {
  Context shared = context;
  Asked asked(event, state, shared);
  shared.asked = &asked;
  impl_->Evaluate(event, state, shared, result);
}

void DetectorSet::Impl::Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context, DetectionResult& result) const {
  using schemas::EventType;
  switch (event.type) {
    case EventType::kLogin:
      return EvaluateAll<EventType::kLogin>(event, state, context, result);
    case EventType::kTransaction:
      return EvaluateAll<EventType::kTransaction>(event, state, context, result);
    case EventType::kAccountChange:
      return EvaluateAll<EventType::kAccountChange>(event, state, context, result);
    case EventType::kAccountProfile:
      return EvaluateAll<EventType::kAccountProfile>(event, state, context, result);
    case EventType::kFeedback:
      return EvaluateAll<EventType::kFeedback>(event, state, context, result);
  }
}

}  // namespace tocsin::detectors
