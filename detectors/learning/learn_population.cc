#include "detectors/learning/learn_population.h"

namespace tocsin::detectors {

void LearnPopulation(const schemas::Event& event, const AccountState& state, Population& population) {
  population.Learn(event, state.profile().OwnerAt(event.occurred_at).tier);
}

}  // namespace tocsin::detectors
