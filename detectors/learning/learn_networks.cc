#include "detectors/learning/learn_networks.h"

#include <utility>

#include "base/text.h"
#include "detectors/learning/lesson.h"
#include "detectors/novelty.h"
#include "detectors/state/codec.h"
#include "detectors/state/pool.h"

namespace tocsin::detectors {
namespace {

constexpr size_t kNone = static_cast<size_t>(-1);

size_t FindNetwork(const Networks& networks, const schemas::Network& network) {
  for (size_t i = 0; i < networks.known.size(); ++i) {
    const KnownNetwork& known = networks.known[i];
    if (known.asn == network.asn && known.network_class == network.network_class &&
        known.anonymiser == network.anonymiser)
      return i;
  }
  return kNone;
}

// What has waited long enough as a class (or as a kind of anonymiser), all of it becomes known.
void PromoteKind(const schemas::Network& network, const Lesson& lesson, AccountState& state) {
  const auto is_due = [&](const KnownNetwork& known) {
    return known.network_class == network.network_class && known.anonymiser == network.anonymiser &&
           IsRipe(known.tenure, lesson);
  };
  for (size_t i = 0; i < state.networks().known.size();) {
    if (!is_due(state.networks().known[i])) {
      ++i;
      continue;
    }
    Promote(state.MutableNetworks().known, i, lesson.hold, Networks::kKnownMax, lesson.at);
    i = 0;  // One may have gone.
  }
}

}  // namespace

void LearnNetworks(const schemas::Event& event, bool suspicious, const Context& context,
                   AccountState& state) {
  if (!event.IsSuccessfulUse()) return;
  const schemas::Network& network = event.facts.network;
  // Without a system there is nothing to recognise, but a habit of hiding is one also without.
  const bool has_system = network.missing == schemas::Missing::kNo && network.asn != 0;
  if (!has_system && !network.anonymous()) return;

  const Lesson lesson = LessonOf(event, suspicious, context);
  const size_t index = FindNetwork(state.networks(), network);
  if (index == kNone) {
    const std::string organization = CleanText(network.organization);
    AddBounded(state.MutableNetworks().known,
               {.asn = network.asn,
                .network_class = network.network_class,
                .anonymiser = network.anonymiser,
                .organization = std::string(CutUtf8(organization, Networks::kOrganizationBytesMax)),
                .tenure = NewTenure(lesson)},
               Networks::kKnownMax, lesson.at, SilenceBefore(event, state));
  } else {
    Tenure tenure = state.networks().known[index].tenure;
    const Change change = FoldUse(tenure, lesson, UnseenAfter(event, state));
    if (change != Change::kNone) state.MutableNetworks().known[index].tenure = std::move(tenure);
    // kPromote is done below, with the rest of its kind.
  }
  if (!lesson.suspicious) PromoteKind(network, lesson, state);
}

}  // namespace tocsin::detectors
